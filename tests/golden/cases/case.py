"""One case."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Some commands, one after the other, and the folder that they write.

    Attributes:
        verb: What is looked at.
        name: Of the case.
        steps: What is typed.
        exact: Whether the outputs are the same on every processor.
        masks: PNG files below OUT that are kept whole, so that another processor's can be compared by pixels.
        plugins: Folder of further plugins.
    """

    verb: str
    name: str
    steps: tuple[str, ...]
    exact: bool = True
    masks: tuple[str, ...] = ()
    plugins: str | None = None

    @property
    def id(self) -> str:
        """As tests and folders name it."""
        return f"{self.verb}/{self.name}"

    @property
    def output(self) -> str:
        """Its folder below the working folder."""
        return f"out/{self.verb}-{self.name}"

    def words(self) -> list[list[str]]:
        """Each step as words."""
        return [shlex.split(step.replace("OUT", self.output)) for step in self.steps]
