"""Interface of runners, which process batches and return the entries of each as soon as it is done."""

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
        number: Number of the batch in the pass.
        group: Members of the batch, which are fixed.
        recorded: Manifest entries of its members at the start of the pass; fewer if some were not processed.
    """

    number: int
    group: Sequence[Planned]
    recorded: Sequence[Entry] = ()


Done = tuple[Task, "Sequence[Entry] | None"]  # no entries if it had been processed before


class Runner(ABC):
    """Processor of the batches of a pass; a context manager that stops everything it started."""

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything that was started."""
        return None

    @abstractmethod
    def run(self, tasks: Iterable[Task], step: Step, made_by: Mapping[str, Any]) -> Iterator[Done]:
        """Process batches, and yield each with its entries, in any order.

        Args:
            tasks: Batches, consumed one by one as workers become free.
            step: The step, created in this process.
            made_by: Model and settings, as recorded in each entry.

        Raises:
            CxrError: The whole pass cannot continue.
        """
