"""Distribution of batches to workers of any kind, with replacement of dead workers and lost batches."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from cxrtk.api import Step
from cxrtk.data.pixels.content import shown
from cxrtk.errors import ConfigError, DataError
from cxrtk.passes.manifest import Entry
from cxrtk.passes.outputs import prefix, sweep_part
from cxrtk.passes.recipe import Recipe
from cxrtk.passes.runners.base import Done, Runner, Task
from cxrtk.passes.runners.kind import difference, kind, other_kind
from cxrtk.passes.runners.worker import Report
from cxrtk.wording import counted

TRIES = 3  # workers that one batch may kill, and that may die in a row while starting
CODE = "crashed"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Death:
    """Unexpected end of a worker; `how` describes it."""

    how: str


class WorkerFault(RuntimeError):
    """An internal error, or a plugin's error, in a worker; its text is the traceback from the worker."""


class Crew(ABC):
    """Workers of one kind, identified by numbers."""

    @abstractmethod
    def hire(self) -> int:
        """Start a worker; its first report has no batch number."""

    @abstractmethod
    def give(self, worker: int, task: Task) -> None:
        """Send a batch to an idle worker; if the worker is dead, `news` reports it."""

    @abstractmethod
    def news(self) -> Sequence[tuple[int, Report | Death]]:
        """Wait until workers report or die; a dead worker is reported once, as its last event."""

    @abstractmethod
    def dismiss(self) -> None:
        """Terminate all workers immediately."""


class CrewRunner(Runner):
    """Runner with workers that are replaced when they die.

    If a worker dies, another one repeats its batch; a batch fails after `TRIES` workers died while
    processing it. A slow worker delays its own batch only.

    Args:
        crew: Workers to use.
        count: Number of concurrent workers.
        recipe: Description of the pass.
    """

    def __init__(self, crew: Crew, count: int, recipe: Recipe) -> None:
        self.crew = crew
        self.count = count
        self.recipe = recipe
        self._tasks: dict[int, Task | None] = {}  # worker -> its batch; None while it starts
        self._free: list[int] = []
        self._lost: deque[Task] = deque()
        self._deaths: Counter[int] = Counter()  # deaths per batch
        self._stillborn = 0  # consecutive workers that died while starting
        self._died = False

    def __enter__(self) -> CrewRunner:
        """Start the workers, which import their modules while this process plans the pass."""
        try:
            for _ in range(self.count):
                self._hire()
        except BaseException:
            self.crew.dismiss()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.crew.dismiss()
        if self._died or error is not None:
            options = self.recipe.options
            sweep_part(self.recipe.output_dir, prefix(options.part_id, options.num_parts))

    def run(self, tasks: Iterable[Task], step: Step, made_by: Mapping[str, Any]) -> Iterator[Done]:
        """Yield batches in the order of completion."""
        left = iter(tasks)
        while True:
            exhausted = not self._hand_out(left)
            if exhausted and not any(self._tasks.values()):
                return
            for worker, news in self.crew.news():
                if isinstance(news, Death):
                    yield from self._bury(worker, news, step.unread(), made_by)
                    if not exhausted or self._lost:
                        self._hire()
                else:
                    yield from self._hear(worker, news, made_by)

    def _hand_out(self, left: Iterator[Task]) -> bool:
        """Send a batch to each idle worker; return whether more batches may follow."""
        while self._free:
            task = self._lost.popleft() if self._lost else next(left, None)
            if task is None:
                return False
            worker = self._free.pop(0)
            self._tasks[worker] = task
            self.crew.give(worker, task)
        return True

    def _hire(self) -> None:
        self._tasks[self.crew.hire()] = None

    def _hear(self, worker: int, news: Report, made_by: Mapping[str, Any]) -> Iterator[Done]:
        for record in news.records:
            logging.getLogger(record.name).handle(record)
        if news.error is not None:
            raise WorkerFault(f"in a worker:\n{news.trace}") if news.trace else news.error
        task, self._tasks[worker] = self._tasks[worker], None
        self._free.append(worker)
        if news.number is None:
            self._stillborn = 0
            _check(news, made_by)
        else:
            assert task is not None and task.number == news.number
            yield task, news.entries

    def _bury(
        self, worker: int, news: Death, row: Mapping[str, Any], made_by: Mapping[str, Any]
    ) -> Iterator[Done]:
        """Repeat a lost batch, or give it up if it killed too many workers."""
        self._died = True
        task = self._tasks.pop(worker)
        if worker in self._free:
            self._free.remove(worker)
        elif task is None:
            self._stillborn += 1
            if self._stillborn >= TRIES:
                raise DataError(
                    f"{counted(TRIES, 'worker')} ended one after another during their start ({news.how}): "
                    "give them more memory, or use fewer."
                )
        if task is None:
            return
        self._deaths[task.number] += 1
        if self._deaths[task.number] < TRIES:
            logger.warning("A worker ended (%s); another one takes over its batch.", news.how)
            self._lost.append(task)
        else:
            yield task, _given_up(task, news, row, made_by)


def _check(news: Report, made_by: Mapping[str, Any]) -> None:
    """Reject a worker if its outputs would differ from those of this process.

    Raises:
        ConfigError: The worker has another model, other settings, or runs on another kind of machine.
    """
    found = (
        difference(made_by["model"], news.made_by["model"])
        or difference(made_by["settings"], news.made_by["settings"])
        or other_kind(kind(), news.kind)
    )
    if found:
        raise ConfigError(
            f"A worker on {news.host} would make other outputs than this process: {found}; "
            "use machines of one kind with the same versions."
        )


def _given_up(task: Task, news: Death, row: Mapping[str, Any], made_by: Mapping[str, Any]) -> list[Entry]:
    """Return the entries of an abandoned batch; which member caused it is unknown, so none is blamed."""
    size = len(task.group)
    whose = "it" if size == 1 else f"its batch of {size}"
    reason = f"{TRIES} workers ended over {whose} ({news.how})"
    logger.warning("%s: %s.", ", ".join(shown(job.image) for job in task.group), reason)
    return [
        Entry(job.name, "failed", CODE, reason, row={**row, **job.known}, **made_by) for job in task.group
    ]
