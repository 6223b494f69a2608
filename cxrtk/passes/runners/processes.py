"""Worker processes on this machine; each ends, with its readers, when this process ends."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from cxrtk.passes.runners.base import Task
from cxrtk.passes.runners.crew import Crew, Death
from cxrtk.passes.runners.worker import Order, Report, Worker
from cxrtk.process.huge_pages import requested_for_children

SECONDS = 5.0  # time for a process to exit


@dataclass(frozen=True)
class _Hired:
    process: SpawnProcess
    connection: Connection


class Processes(Crew):
    """Workers in processes that are spawned, not forked, so that they share no thread and no lock."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._context = multiprocessing.get_context("spawn")
        self._numbers = itertools.count()
        self._hired: dict[int, _Hired] = {}

    def hire(self) -> int:
        """Start a worker process."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=work, args=(theirs, self.order), name="cxrtk-worker", daemon=True
        )
        with requested_for_children():
            process.start()
        theirs.close()  # so that our end is closed when the process ends
        number = next(self._numbers)
        self._hired[number] = _Hired(process, ours)
        return number

    def give(self, worker: int, task: Task) -> None:
        """Send a batch to a worker."""
        with suppress(OSError):  # the worker is dead
            self._hired[worker].connection.send(task)

    def news(self) -> Sequence[tuple[int, Report | Death]]:
        """Wait for a report, or for the end of a process."""
        of: dict[Any, int] = {}
        for number, hired in self._hired.items():
            of[hired.connection] = of[hired.process.sentinel] = number
        return [(number, self._hear(number)) for number in sorted({of[each] for each in wait(list(of))})]

    def dismiss(self) -> None:
        """Kill all workers; their unfinished files are hidden."""
        for hired in self._hired.values():
            _kill(hired.process)
        for hired in self._hired.values():
            hired.process.join(SECONDS)
            hired.connection.close()
        self._hired.clear()

    def _hear(self, number: int) -> Report | Death:
        hired = self._hired[number]
        try:
            if hired.connection.poll():
                report: Report = hired.connection.recv()
                return report
        except (EOFError, OSError):
            pass  # it has ended, possibly while sending a report
        del self._hired[number]
        hired.process.join(SECONDS)
        _kill(hired.process)  # its readers, or itself if it closed only its end
        hired.process.join(SECONDS)
        hired.connection.close()
        return Death(_how(hired.process.exitcode))


def work(connection: Connection, order: Order) -> None:
    """Run the main loop of a worker process, until it receives a stop request or its parent has ended."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl-C in a terminal must reach the parent only
    threading.Thread(target=_end_with_parent, daemon=True).start()
    worker = Worker(order)
    try:
        connection.send(worker.start())
        while True:
            connection.send(worker.do(connection.recv()))
    except (EOFError, BrokenPipeError):
        pass  # the parent has ended
    finally:
        worker.close()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)  # also the processes that read
    os._exit(1)


def _kill(process: SpawnProcess) -> None:
    """Kill a process and its descendants, which are in its process group."""
    if hasattr(os, "killpg") and process.pid is not None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _how(code: int | None) -> str:
    """Describe the exit code of a process."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
