"""One process a run folder, as other processes see it."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cxrtk import ConfigError
from cxrtk.process import lock

HOLD = """
import sys, time
from pathlib import Path
from cxrtk.process import lock
lock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
lock.release(Path(sys.argv[1]))
print("released", flush=True)
sys.stdin.readline()
"""
FORK = """
import os, sys, time
from pathlib import Path
from cxrtk.process import lock
lock.acquire(Path(sys.argv[1]))
if os.fork() == 0:
    lock.release(Path(sys.argv[1]))  # not the child's to give back
    print(os.getpid(), flush=True)
    time.sleep(60)
sys.stdin.readline()
os._exit(0)
"""


@contextmanager
def process(code: str, folder: Path) -> Iterator[subprocess.Popen]:
    """Another process with a lock; it is ended with the block."""
    command = [sys.executable, "-c", code, str(folder)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield other
    finally:
        other.kill()
        other.communicate()


def say(other: subprocess.Popen) -> None:
    assert other.stdin is not None
    other.stdin.write("\n")
    other.stdin.flush()


def hear(other: subprocess.Popen) -> str:
    assert other.stdout is not None
    return other.stdout.readline().strip()


def test_a_second_process_is_refused(tmp_path):
    """It is told which process holds the folder; exit code 2. What the holder wrote stays."""
    with process(HOLD, tmp_path) as other:
        assert hear(other) == "held"
        before = (tmp_path / ".lock").read_bytes()
        for _ in range(2):  # being refused gives nothing back
            with pytest.raises(
                ConfigError, match=rf"another training runs.*process {other.pid} on "
            ) as caught:
                lock.acquire(tmp_path)
        assert caught.value.exit_code == 2
        assert (tmp_path / ".lock").read_bytes() == before
        assert lock.is_locked(tmp_path)


def test_a_dead_process_is_taken_over_aloud(tmp_path, caplog):
    """After kill -9 the system has given the lock back; the warning names the process that is gone."""
    with process(HOLD, tmp_path) as other:
        assert hear(other) == "held"
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert not lock.is_locked(tmp_path)
        lock.acquire(tmp_path)
    (record,) = (record for record in caplog.records if record.levelno == logging.WARNING)
    assert f"process {other.pid} on " in record.message
    assert json.loads((tmp_path / ".lock").read_text())["pid"] == os.getpid()


def test_a_lock_that_was_given_back_is_taken_silently(tmp_path, caplog):
    """Its holder still lives, and has ended its run in order."""
    with process(HOLD, tmp_path) as other:
        assert hear(other) == "held"
        say(other)
        assert hear(other) == "released"
        lock.acquire(tmp_path)
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []


def test_asking_does_not_give_our_own_lock_back(tmp_path):
    """POSIX would, where this process closed any handle of the file; a third process is still refused."""
    lock.acquire(tmp_path)
    assert lock.is_locked(tmp_path)
    lock.acquire(tmp_path)  # twice is once
    with process(HOLD, tmp_path) as other:
        assert hear(other) == ""  # it ended
        assert other.wait() == 1


ASK = """
import sys
from pathlib import Path
from cxrtk.process import lock
print("asking", flush=True)
print(sum(lock.is_locked(Path(sys.argv[1])) for _ in range(500)), flush=True)
"""


def test_two_who_ask_do_not_take_one_another_for_the_holder(tmp_path):
    """`cxrtk runs` in two terminals: neither sees a training, and neither keeps a training from starting."""
    (tmp_path / ".lock").write_text("")
    with process(ASK, tmp_path) as other:
        assert hear(other) == "asking"
        assert not any(lock.is_locked(tmp_path) for _ in range(500))
        assert hear(other) == "0"
    with process(ASK, tmp_path) as other:
        assert hear(other) == "asking"
        for _ in range(50):
            lock.acquire(tmp_path)
            lock.release(tmp_path)


def test_a_forked_child_does_not_hold_it(tmp_path):
    """A worker that outlives its parent for a moment does not keep the run's folder."""
    with process(FORK, tmp_path) as other:
        child = int(hear(other))
        try:
            assert lock.is_locked(tmp_path)  # the parent's, which the child did not give back
            assert json.loads((tmp_path / ".lock").read_text())["pid"] == other.pid
            say(other)
            other.wait()
            os.kill(child, 0)  # it lives
            assert not lock.is_locked(tmp_path)
        finally:
            os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("act", [lock.release, lock.is_locked])
def test_where_there_is_no_lock(tmp_path, act: Callable[[Path], bool | None]):
    """Nothing is held, nothing is made."""
    assert not act(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folders_do_not_disturb_each_other(tmp_path):
    """One process may hold two; a folder is the same under another spelling."""
    for name in "ab":
        (tmp_path / name).mkdir()
        lock.acquire(tmp_path / name)
    lock.release(tmp_path / "b" / ".." / "a")
    assert [lock.is_locked(tmp_path / name) for name in "ab"] == [False, True]
