"""Pool of readers in worker processes, with results in the order of the tasks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from cxrtk.api import Reader
from cxrtk.data.isolation import MEMORY_GB, TIMEOUT_SECONDS, IsolatedReader

Task = TypeVar("Task")
Result = TypeVar("Result")
Pool = TypeVar("Pool", bound="ReaderPool")


class ReaderPool:
    """Readers in worker processes, one per thread; use it in a ``with`` statement.

    A reader is started only when all others are busy, and the one used last is reused first, so that few
    tasks start few processes.

    Args:
        name: Name of the reader plugin.
        arguments: Arguments of the reader, as JSON values.
        num_workers: Number of worker processes.
        timeout: Time limit per file in seconds.
        memory_gb: Memory limit per file above a worker's own needs, in 10^9 bytes.
    """

    def __init__(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        num_workers: int = 1,
        timeout: float = TIMEOUT_SECONDS,
        memory_gb: float = MEMORY_GB,
    ) -> None:
        if num_workers < 1:
            raise ValueError(f"num_workers must be 1 or more, not {num_workers}.")
        self.num_workers = num_workers
        self._made_by = name, dict(arguments)
        self._limits = {"timeout": timeout, "memory_gb": memory_gb}
        self._threads = ThreadPoolExecutor(num_workers)
        self._lock = threading.Lock()
        self._opened: list[IsolatedReader] = []
        self._free: list[IsolatedReader] = []  # last in, first out

    def __enter__(self: Pool) -> Pool:
        _ = self.reader  # an unknown reader, or a missing folder, is refused before any work
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        for reader in self._opened:
            reader.close()

    @property
    def reader(self) -> Reader:
        """One of the readers, for its `items` and labels; its `read` may be in use by a task."""
        with self._lock:
            if not self._opened:
                self._free.append(self._open())
            return self._opened[0]

    def start(self) -> None:
        """Start a worker in the background; a failure is reported by the first task."""
        self._threads.submit(self._do, lambda reader, _: reader.start(), None)

    def map(
        self, job: Callable[[Reader, Task], Result], tasks: Iterable[Task], ahead: int
    ) -> Iterator[Result]:
        """Yield one result per task, in order.

        Args:
            job: Function of a reader, used exclusively, and a task.
            tasks: Tasks, consumed as results are taken.
            ahead: Number of tasks started before their results are requested; bounds the memory.
        """
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                waiting.append(self._threads.submit(self._do, job, task))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _do(self, job: Callable[[Any, Task], Result], task: Task) -> Result:
        with self._lent() as reader:
            return job(reader, task)

    @contextmanager
    def _lent(self) -> Iterator[Reader]:
        with self._lock:
            reader = self._free.pop() if self._free else self._open()
        try:
            yield reader
        finally:
            with self._lock:
                self._free.append(reader)

    def _open(self) -> IsolatedReader:
        name, arguments = self._made_by
        reader = IsolatedReader(name, arguments, **self._limits)
        self._opened.append(reader)
        return reader
