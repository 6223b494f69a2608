"""Handle SIGTERM and Ctrl-C: end long work within seconds, with a line that explains how to resume.

Python runs a signal handler only between two bytecode steps of the main thread, and one backward pass can
take many seconds. A second thread is therefore woken by the signal at once, and ends the process if the main
thread does not react in time. Nothing is lost: every file of a run or a pass is complete at any moment.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from cxrtk.process import group
from cxrtk.process.work import Current

GRACE_SECONDS = 3.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)

logger = logging.getLogger(__name__)


class _State:
    """Handlers installed by this process; a forked worker has none."""

    pid = 0
    writer: socket.socket | None = None  # wakes the second thread; Windows can select sockets only
    stopping = 0  # number of the signal by which the process ends
    reporting = False  # an error is being reported
    held = 0  # number of a signal that came during the report
    said = False
    saying = threading.Lock()
    hint = ""


class Stopped(SystemExit):
    """Exit requested by a signal: exit code 128 + signal number."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number

    def __str__(self) -> str:
        return f"stopped by {signal.Signals(self.number).name}"


def guard_signals() -> None:
    """Let SIGTERM end this process with 143 and SIGINT with 130; a second signal skips the cleanup.

    Does nothing in an interactive Python, which handles Ctrl-C itself, nor outside the main thread.
    """
    interactive = hasattr(sys, "ps1") or "ipykernel" in sys.modules
    if interactive or threading.current_thread() is not threading.main_thread():
        logger.info("Signals are left to the interactive session.")
        return
    if _State.pid == os.getpid():
        return
    if _State.pid == 0 and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_hold, after_in_parent=_let, after_in_child=_forget)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    for number in SIGNALS:
        signal.signal(number, _on_signal)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader,), name="cxrtk-signals", daemon=True).start()
    _State.pid, _State.writer = os.getpid(), writer
    _State.stopping = _State.held = 0
    _State.said = _State.reporting = False
    _State.hint = ""


@contextmanager
def guarded_signals(hint: str) -> Iterator[None]:
    """Run a block under `guard_signals`.

    Args:
        hint: Text on how to resume, for the line that reports the signal.
    """
    guard_signals()
    _State.hint = hint
    try:
        yield
    except Stopped:
        raise  # the message is logged when Python exits
    except BaseException:
        release_signals()
        raise
    release_signals()


@contextmanager
def reporting_error() -> Iterator[int]:
    """Run a block that reports an error; a signal that comes meanwhile takes effect after it, silently.

    Yields:
        Number of the signal by which the process was ending before; 0 if there was none.
    """
    if _State.pid != os.getpid():
        yield 0
        return
    _State.reporting = True
    try:
        yield _State.stopping
    finally:
        _State.reporting = False
    if _State.held:
        _State.said = True  # one line a training: the error
        _on_signal(_State.held, None)


def release_signals() -> None:
    """Restore Python's handlers of SIGTERM and SIGINT."""
    if _State.pid == os.getpid():
        _forget()


def _on_signal(number: int, _: FrameType | None) -> None:
    """Unwind the main thread; the message is logged at exit, below the output of the cleanup.

    A second signal is left to the second thread, which has been waiting since the first one: it prints the
    message and ends the process. `torchrun` sends one to every process that has not ended yet.
    """
    if _State.stopping:
        return
    if _State.reporting:
        _State.held = number
        return
    _State.stopping = number
    atexit.register(_end, number)
    raise Stopped(number)


def _end(number: int) -> None:
    """Log the message at exit, and set the exit code.

    If a signal arrives while Python runs a destructor, the exception is lost, and the code would be 0.
    """
    _say(number)
    logging.shutdown()
    _exit(number)


def _exit(number: int) -> NoReturn:
    """Exit at once, together with the image-loading processes."""
    for child in multiprocessing.active_children():
        child.kill()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(128 + number)


def _watch(reader: socket.socket) -> None:
    """Wait in the second thread for a signal, then for the main thread, then end the process."""
    while True:
        woken = reader.recv(1)
        if not woken:  # the other end was closed
            reader.close()
            return
        if woken[0] in SIGNALS and _State.pid == os.getpid():
            _wait(reader)
            _say(woken[0])
            _exit(woken[0])


def _wait(reader: socket.socket) -> None:
    """Wait until the grace period is over, or a second signal arrives."""
    until = time.monotonic() + GRACE_SECONDS
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([reader], [], [], left)
        if ready and not set(reader.recv(1)).isdisjoint(SIGNALS):  # empty if the socket was closed
            return


def _say(number: int) -> None:
    """Print the message once; the thread that comes second waits until it is complete."""
    if _State.pid != os.getpid():
        return
    in_turn = _State.saying.acquire(timeout=GRACE_SECONDS)
    try:
        if not _State.said:
            _State.said = True
            _print_message(number)
    finally:
        if in_turn:
            _State.saying.release()


def _print_message(number: int) -> None:
    """Print how to go on, and note the end in the record; the first process of a training does so for all."""
    reason = group.told()  # torchrun stops the other processes of a training in which one has failed
    if reason is not None and Current.work is not None:
        Current.work.ended("failed", reason)
    if reason is not None or not group.is_first():
        return
    name = signal.Signals(number).name
    hint = _State.hint
    if Current.work is not None:
        hint = Current.work.go_on_command()
        Current.work.ended("stopped", name)
    message = f"Stopped by {name}; continue with: {hint}" if hint else f"Stopped by {name}."
    newline = "\n" if sys.stderr.isatty() else ""  # a progress bar may occupy the line
    print(f"{newline}cxrtk: {message}", file=sys.stderr, flush=True)


def _hold() -> None:
    """Prepare a fork: keep a signal that reaches the child early from waking the parent's thread."""
    if _State.pid == os.getpid():
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def _let() -> None:
    if _State.pid == os.getpid():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _forget() -> None:
    """Drop all handlers in a forked worker, which its parent stops by SIGTERM."""
    if _State.pid not in (0, -1):
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        assert _State.writer is not None
        _State.writer.close()
        _State.pid = -1
        if hasattr(signal, "pthread_sigmask"):  # not on Windows, which does not fork
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
