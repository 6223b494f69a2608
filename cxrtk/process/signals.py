"""SIGTERM and Ctrl-C end long work in seconds, with a line that says how to go on.

Python runs a signal's handler only between two steps of the main thread, and one backward pass can take
many seconds. So a second thread is woken by the signal at once, and ends the process where the main thread
does not come to it in time. Nothing is lost by that: every file of a run or a pass is whole at any moment.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from cxrtk.process.work import Current

GRACE_SECONDS = 3.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)

logger = logging.getLogger(__name__)


class _State:
    """What this process has installed; a forked worker has nothing."""

    pid = 0
    writer = -1  # the end of a pipe that wakes the second thread
    stopping = False
    said = False
    hint = ""


class Stopped(SystemExit):
    """The end that a signal asks for: exit code 128 + its number."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number

    def __str__(self) -> str:
        return f"stopped by {signal.Signals(self.number).name}"


def guard_signals() -> None:
    """Let SIGTERM end this process with 143 and SIGINT with 130; a second signal ends it at once.

    Nothing is changed in an interactive Python, which has its own way with Ctrl-C, nor outside the main
    thread.
    """
    interactive = hasattr(sys, "ps1") or "ipykernel" in sys.modules
    if interactive or threading.current_thread() is not threading.main_thread():
        logger.info("Signals are left to the interactive session.")
        return
    if _State.pid == os.getpid():
        return
    if _State.pid == 0:
        os.register_at_fork(before=_hold, after_in_parent=_let, after_in_child=_forget)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in SIGNALS:
        signal.signal(number, _on_signal)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader,), name="cxrtk-signals", daemon=True).start()
    _State.pid, _State.writer = os.getpid(), writer
    _State.stopping = _State.said = False
    _State.hint = ""


@contextmanager
def guarded_signals(hint: str) -> Iterator[None]:
    """`guard_signals` while a block runs.

    Args:
        hint: How to go on, for the line that says what stopped it.
    """
    guard_signals()
    _State.hint = hint
    try:
        yield
    except Stopped:
        raise  # the line is said when Python ends
    except BaseException:
        release_signals()
        raise
    release_signals()


def release_signals() -> None:
    """Give SIGTERM and SIGINT back to Python."""
    if _State.pid == os.getpid():
        _forget()


def _on_signal(number: int, _: FrameType | None) -> None:
    """In the main thread: unwind, and say it at the very end, below what others log on the way."""
    if _State.stopping:
        os._exit(128 + number)
    _State.stopping = True
    atexit.register(_end, number)
    raise Stopped(number)


def _end(number: int) -> None:
    """When Python ends: say it, and see to the exit code.

    The exception is lost where a signal comes while Python runs a destructor; then the code would be 0.
    """
    _say(number)
    logging.shutdown()
    _exit(number)


def _exit(number: int) -> NoReturn:
    """Now, and with the processes that load images."""
    for child in multiprocessing.active_children():
        child.kill()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(128 + number)


def _watch(reader: int) -> None:
    """In the second thread: wait for a signal, then for the main thread, then end the process."""
    while True:
        woken = os.read(reader, 1)
        if not woken:  # the other end was closed
            os.close(reader)
            return
        if woken[0] in SIGNALS and _State.pid == os.getpid():
            _wait(reader)
            _say(woken[0])
            _exit(woken[0])


def _wait(reader: int) -> None:
    """Until the grace is over, or a second signal comes."""
    until = time.monotonic() + GRACE_SECONDS
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([reader], [], [], left)
        if ready and not set(os.read(reader, 1)).isdisjoint(SIGNALS):  # nothing is read where it was closed
            return


def _say(number: int) -> None:
    if _State.said or _State.pid != os.getpid():
        return
    _State.said = True
    name = signal.Signals(number).name
    hint = _State.hint
    if Current.work is not None:
        hint = Current.work.go_on_command()
        Current.work.ended("stopped", name)
    message = f"Stopped by {name}; go on with: {hint}" if hint else f"Stopped by {name}."
    newline = "\n" if sys.stderr.isatty() else ""  # a progress bar may stand in the line
    print(f"{newline}cxrtk: {message}", file=sys.stderr, flush=True)


def _hold() -> None:
    """Before a fork: a signal that the child gets in its first moment must not wake the parent's thread."""
    if _State.pid == os.getpid():
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def _let() -> None:
    if _State.pid == os.getpid():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _forget() -> None:
    """In a forked worker, whose parent stops it by SIGTERM: as if nothing had been installed."""
    if _State.pid not in (0, -1):
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(_State.writer)
        _State.pid = -1
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
