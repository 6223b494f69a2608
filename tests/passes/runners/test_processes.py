"""Workers that are processes: the bytes of a pass in this process, whatever dies on the way."""

import os
import signal
import subprocess
import sys
import time

import pytest

from cxrtk import DataError
from cxrtk.passes.runners.crew import WorkerFault


def test_the_same_bytes_as_in_this_process(by, tmp_path, content, caplog):
    """Outputs, manifest and table, with what failed and what was left out; each warning is said once."""
    results = [by(name, tmp_path / name) for name in ("local", "processes")]
    assert results[0].counts == results[1].counts == {"ok": 6, "left_out": 1, "failed": 1}
    assert content(tmp_path / "local") == content(tmp_path / "processes")
    assert [record.getMessage().count("cut.png") for record in caplog.records] == [1, 1]


def test_a_worker_that_is_killed_midway(by, tmp_path, content, caplog):
    """Is replaced, and nothing that it began is left."""
    by("local", tmp_path / "local")
    result = by("processes", tmp_path / "out", {"at": "a/1.png", "fault": "once", "marks": str(tmp_path)})
    assert (tmp_path / "died").exists() and "A worker ended (SIGKILL)" in caplog.text
    assert result.counts["ok"] == 6
    assert content(tmp_path / "out") == content(tmp_path / "local")


@pytest.mark.slow
def test_a_batch_that_ends_its_workers(by, tmp_path, content):
    """Fails, with all others done; in this process and mended it is done as if nothing had been."""
    by("local", tmp_path / "local")
    result = by("processes", tmp_path / "out", {"at": "a/1.png", "fault": "always"})
    assert result.counts == {"ok": 4, "left_out": 1, "failed": 3} and result.exit_code == 3
    failed = {entry.input: entry.code for entry in result.entries if entry.status == "failed"}
    assert failed == {"a/1.png": "crashed", "b c/d/3.png": "crashed", "cut.png": "truncated"}
    assert not list((tmp_path / "out").glob(".cxrtk-part-*"))
    by("local", tmp_path / "out", go_on=True)
    assert content(tmp_path / "out") == content(tmp_path / "local")


def test_a_slow_worker_does_not_hold_the_others(by, tmp_path):
    """The first batch ends only when all others are there."""
    result = by(
        "processes", tmp_path / "out", {"at": "4.png", "fault": "waits", "marks": str(tmp_path / "out")}
    )
    assert result.counts["ok"] == 6


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("refuses", DataError, "this cannot go on"),
        ("bug", WorkerFault, r"(?s)_fault.*ZeroDivisionError: a bug"),
    ],
)
def test_what_a_step_raises_ends_the_pass(by, tmp_path, fault, error, said):
    """The error is the same as in this process; a bug shows its location."""
    with pytest.raises(error, match=said):
        by("processes", tmp_path / "out", {"at": "4.png", "fault": fault})


def test_it_can_stop_at_a_bad_file(by, tmp_path):
    """The pass can then continue in this process."""
    with pytest.raises(DataError, match=r"Stopped at .*cut\.png"):
        by("processes", tmp_path / "out", on_error="stop")
    assert by("local", tmp_path / "out", go_on=True).counts["ok"] == 6


class Running:
    """`cxrtk apply toy` with two slow workers, in a session of its own, once its first batch is done."""

    def __init__(self, images, output, log):
        self.log = log
        words = ["-i", images, "-o", output, "--set", "step#seconds=1", "--batch-size", "2", "-q"]
        command = [sys.executable, "-m", "cxrtk", "apply", "toy", *words, "--runner", "processes"]
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [*map(str, command), "--processes", "2"], stderr=file, start_new_session=True
            )
        self._until(lambda: (output / "manifest.jsonl").exists())
        self.started = children(self.process.pid)

    def end(self, number):
        """By a signal to this process alone; gives the exit code when nothing that it started runs on."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        self._until(lambda: not any(map(is_running, self.started)))
        return code

    @staticmethod
    def _until(condition):
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until
            time.sleep(0.05)


def children(process):
    """Children of a process and theirs."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - names alone
        try:
            with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process:
            found += [int(pid), *children(int(pid))]
    return found


def is_running(process):
    """Return whether the process exists and is not a zombie."""
    try:
        with open(f"/proc/{process}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")  # noqa: PTH112
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
        (signal.SIGKILL, -9),
    ],
)
def test_all_ended_and_continued(by, toy, folder, tmp_path, content, number, code):
    """No worker outlives the process that started it by more than seconds; the bytes are the same."""
    running = Running(folder, tmp_path / "out", tmp_path / "log")
    assert len(running.started) >= 4  # workers, and what reads for them
    assert running.end(number) == code
    said = (tmp_path / "log").read_text()
    hint = f"Stopped by {signal.Signals(number).name}; continue with: the same command with --continue"
    assert (hint in said) == (number != signal.SIGKILL) and "Traceback" not in said
    assert len((tmp_path / "out" / "manifest.jsonl").read_text().splitlines()) < 8
    by("local", tmp_path / "whole", {"seconds": 0})
    by("processes", tmp_path / "out", {"seconds": 0}, go_on=True)
    assert content(tmp_path / "out") == content(tmp_path / "whole")
