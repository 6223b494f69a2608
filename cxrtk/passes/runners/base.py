"""What every runner does: it takes batches, and gives the entries of each as soon as they are there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from cxrtk.api import Step
from cxrtk.passes.manifest import Entry
from cxrtk.passes.plan import Planned


@dataclass(frozen=True)
class Task:
    """One batch of a pass.

    Attributes:
        number: Tells the batches of a pass apart.
        group: Its members, which never change.
        recorded: What the manifest said of them when the pass began; fewer where some were not done.
    """

    number: int
    group: Sequence[Planned]
    recorded: Sequence[Entry] = ()


Done = tuple[Task, "Sequence[Entry] | None"]  # no entries where it had been done before


class Runner(ABC):
    """Does the batches of a pass; use it in a ``with`` statement, at whose end nothing of it runs on."""

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all that was started."""
        return None

    @abstractmethod
    def run(self, tasks: Iterable[Task], step: Step, made_by: Mapping[str, Any]) -> Iterator[Done]:
        """Do batches, and give each with its entries, in any order.

        Args:
            tasks: Taken one by one, as somebody is free to do them.
            step: What is done, made in this process.
            made_by: What each entry says of the model and the settings.

        Raises:
            CxrError: The whole pass cannot go on.
        """
