"""Every image of a reader examined, several at a time, each read in a process with limits."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.examine import Examined, examine
from cxrtk.data.isolation import MEMORY_GB, TIMEOUT_SECONDS, IsolatedReader

_AHEAD = 4  # jobs that wait, for each worker


class Survey:
    """Readers in worker processes, one a thread; use it in a ``with`` statement.

    Args:
        name: Name of the reader.
        arguments: Its arguments, values that JSON can hold.
        num_workers: How many processes read at a time.
        timeout: Seconds a file may take.
        memory_gb: What a file may take above a worker's own needs, in 10^9 bytes.
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
        self._made_by = name, dict(arguments)
        self._limits = {"timeout": timeout, "memory_gb": memory_gb}
        self._num_workers = num_workers
        self._own = threading.local()
        self._opened = ExitStack()
        self._lock = threading.Lock()

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def examine(self, items: Sequence[Mapping[str, Any]], labelled: Sequence[bool]) -> Iterator[Examined]:
        """One result for each item, in their order; few of them wait at any time.

        Args:
            items: Of the reader.
            labelled: Whether to read the item's label.
        """

        def job(item: Mapping[str, Any], has_label: bool) -> Examined:
            return examine(self.reader(), item, labels=has_label)

        with ThreadPoolExecutor(self._num_workers) as pool:
            waiting: deque[Future[Examined]] = deque()
            try:
                for item, has_label in zip(items, labelled, strict=True):
                    waiting.append(pool.submit(job, item, has_label))
                    if len(waiting) >= _AHEAD * self._num_workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def reader(self) -> Reader:
        """This thread's reader."""
        if not hasattr(self._own, "reader"):
            name, arguments = self._made_by
            with self._lock:
                self._own.reader = self._opened.enter_context(IsolatedReader(name, arguments, **self._limits))
        reader: Reader = self._own.reader
        return reader
