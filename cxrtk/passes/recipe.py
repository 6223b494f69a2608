"""All that another process needs to know of a pass, as plain values: it makes step and readers itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.errors import ConfigError
from cxrtk.passes.inputs import Input
from cxrtk.passes.options import Options

if TYPE_CHECKING:
    from cxrtk.api import Step
    from cxrtk.passes.reading import ReadAhead


@dataclass(frozen=True)
class Reading:
    """How the inputs of a pass are read.

    Attributes:
        inputs: As `cxrtk.passes.inputs_of` gives them.
        reader: Name of the reader.
        arguments: Its arguments besides its root, values that JSON can hold.
        workers: Processes that read.
        ahead: Files that are read before they are asked for.
    """

    inputs: Sequence[Input]
    reader: str = "files"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    ahead: int = 8

    def sources(self) -> list[tuple[Input, ReadAhead]]:
        """Each input, and what reads it.

        Raises:
            ConfigError: An input cannot be what it is named, or the reader does not take it.
        """
        from cxrtk.passes.reading import read_ahead

        for each in self.inputs:
            if each.folder is None and len(each.roots) > 1 and self.reader != "files":
                raise ConfigError(f"The reader {self.reader!r} takes one folder; --reader files takes files.")
        how: dict[str, Any] = {"workers": self.workers, "ahead": self.ahead}
        return [
            (each, read_ahead(each.root, reader=self.reader, arguments=self.arguments, **how))
            for each in self.inputs
        ]


@dataclass(frozen=True)
class Recipe:
    """A pass: what is done, with what, where to, and how.

    Attributes:
        step: Name of the step.
        arguments: Its arguments, plain JSON.
        reading: How the inputs are read.
        output_dir: Where outputs, the manifest and the tables go.
        options: How the pass is run.
    """

    step: str
    arguments: Mapping[str, Any]
    reading: Reading
    output_dir: Path
    options: Options = field(default_factory=Options)

    def make_step(self) -> Step:
        """The step, made anew.

        Raises:
            CxrError: Whatever the step finds wrong with its arguments.
        """
        from cxrtk.registry import steps

        return steps.create(self.step, **self.arguments)
