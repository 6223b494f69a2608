"""What guarding signals changes in a process, and that it is given back. What a signal does: tests/faults."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from cxrtk.process.signals import Stopped, guard_signals, release_signals


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
