"""What guarding signals changes in a process, and that it is given back. What a signal does: tests/faults."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from cxrtk.process import failures
from cxrtk.process.signals import GRACE_SECONDS, Stopped, guard_signals, release_signals


@pytest.fixture
def before():
    """The handlers as they were; afterwards they are so again, whatever the test did."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    release_signals()
    no_watchers()
    yield handlers
    release_signals()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def watchers() -> int:
    """How many threads wait for a signal."""
    return sum(thread.name == "cxrtk-signals" for thread in threading.enumerate())


def no_watchers() -> bool:
    """Whether the threads have ended, within two seconds."""
    for _ in range(100):
        if watchers() == 0:
            return True
        time.sleep(0.02)
    return False


def test_both_signals_are_guarded_once(before):
    """A second call changes nothing: one thread."""
    guard_signals()
    handler = signal.getsignal(signal.SIGTERM)
    guard_signals()
    assert signal.getsignal(signal.SIGTERM) is signal.getsignal(signal.SIGINT) is handler
    assert watchers() == 1


def test_all_is_given_back(before):
    """Python's own handlers, no thread, no open pipe."""
    descriptors = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else None
    guard_signals()
    release_signals()
    assert no_watchers()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.set_wakeup_fd(-1) == -1
    if descriptors is not None:
        assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_a_forked_process_has_pythons_own_handlers(before):
    """A worker is stopped by its parent's SIGTERM, silently and at once."""
    guard_signals()
    pid = os.fork()
    if pid == 0:
        time.sleep(30)
        os._exit(0)
    os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGTERM


def test_an_interactive_session_keeps_its_signals(before, monkeypatch):
    """Jupyter and the prompt have their own way with Ctrl-C."""
    handler = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("sys.ps1", ">>> ", raising=False)
    guard_signals()
    assert signal.getsignal(signal.SIGINT) is handler and watchers() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_the_exit_code_is_the_shells(number, code):
    """128 + the number of the signal."""
    assert Stopped(number).code == code


def in_fork(work) -> tuple[int, str]:
    """Exit code of a fork that does some work under guarded signals, and what it printed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writer, 2)
        sys.stderr = os.fdopen(2, "w", buffering=1)
        code = 1
        try:
            guard_signals()
            work()
        except SystemExit as error:
            code = int(error.code or 0)
            time.sleep(20)  # a slow cleanup
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def test_a_second_signal_does_not_swallow_the_message():
    """`torchrun` stops each process that Ctrl-C has not ended yet."""

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    started = time.monotonic()
    assert in_fork(work) == (143, "cxrtk: Stopped by SIGTERM.\n")
    assert time.monotonic() - started < GRACE_SECONDS


def test_a_signal_during_the_report_of_an_error_leaves_the_report_whole(monkeypatch):
    """The error is the message; the process ends by the signal."""

    def explained(error: BaseException) -> failures.Failure:
        os.kill(os.getpid(), signal.SIGTERM)
        return failures.Failure(str(error), 2, expected=True)

    monkeypatch.setattr(failures, "explain", explained)
    assert in_fork(lambda: failures.report(ValueError("broken"))) == (143, "cxrtk: error: broken\n")


def test_an_error_of_the_cleanup_does_not_replace_the_message():
    """Such as that of a process group whose other process has gone."""

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except SystemExit:
            raise SystemExit(failures.report(RuntimeError("gloo: Connection closed by peer"))) from None

    assert in_fork(work) == (143, "cxrtk: Stopped by SIGTERM.\n")
