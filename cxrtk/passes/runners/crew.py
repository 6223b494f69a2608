"""Workers of any kind, and how batches are handed out to them: to whoever is free; what was lost, again."""

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

TRIES = 3  # workers that a batch may end, and that may end in a row while they start
CODE = "crashed"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Death:
    """A worker has ended unasked; `how` says it in words."""

    how: str


class WorkerFault(RuntimeError):
    """A fault of ours, or of a plugin, in a worker; its text is the traceback there."""


class Crew(ABC):
    """Workers of one kind, each known by a number."""

    @abstractmethod
    def hire(self) -> int:
        """Start a worker, whose first news is a report without a number."""

    @abstractmethod
    def give(self, worker: int, task: Task) -> None:
        """Let a worker that is free do a batch; should it be dead, `news` says so."""

    @abstractmethod
    def news(self) -> Sequence[tuple[int, Report | Death]]:
        """Wait until workers report or die; of a worker that died nothing more is heard."""

    @abstractmethod
    def dismiss(self) -> None:
        """End all workers at once, whatever they do."""


class CrewRunner(Runner):
    """Does batches by workers that are replaced when they die.

    A batch whose worker died is done again by another, and fails when `TRIES` workers died over it. A slow
    worker keeps its own batch alone from being done.

    Args:
        crew: The workers.
        count: How many at a time.
        recipe: The pass.
    """

    def __init__(self, crew: Crew, count: int, recipe: Recipe) -> None:
        self.crew = crew
        self.count = count
        self.recipe = recipe
        self._tasks: dict[int, Task | None] = {}  # worker -> what it does; None while it starts
        self._free: list[int] = []
        self._lost: deque[Task] = deque()
        self._deaths: Counter[int] = Counter()  # of a batch
        self._stillborn = 0  # workers in a row that died while they started
        self._died = False

    def __enter__(self) -> CrewRunner:
        """Start the workers, whose imports take the time that planning takes here."""
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
        """In the order in which they end."""
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
        """Give each free worker a batch; says whether there may be more of them."""
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
        """A batch that was lost is done again, unless it ended so many workers that it must be its fault."""
        self._died = True
        task = self._tasks.pop(worker)
        if worker in self._free:
            self._free.remove(worker)
        elif task is None:
            self._stillborn += 1
            if self._stillborn >= TRIES:
                raise DataError(
                    f"{counted(TRIES, 'worker')} ended one after another while they started ({news.how}): "
                    "give them more memory, or take fewer."
                )
        if task is None:
            return
        self._deaths[task.number] += 1
        if self._deaths[task.number] < TRIES:
            logger.warning("A worker ended (%s); another one does its batch.", news.how)
            self._lost.append(task)
        else:
            yield task, _given_up(task, news, row, made_by)


def _check(news: Report, made_by: Mapping[str, Any]) -> None:
    """Refuse a worker whose outputs would not be those of this process.

    Raises:
        ConfigError: It has another model, other settings, or is of another kind of machine.
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
    """Of a batch that ended its workers; which member it was cannot be told, and so none is blamed."""
    size = len(task.group)
    whose = "it" if size == 1 else f"its batch of {size}"
    reason = f"{TRIES} workers ended over {whose} ({news.how})"
    logger.warning("%s: %s.", ", ".join(shown(job.image) for job in task.group), reason)
    return [
        Entry(job.name, "failed", CODE, reason, row={**row, **job.known}, **made_by) for job in task.group
    ]
