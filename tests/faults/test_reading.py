"""One bad image among many, and the processes that read: the file is named, nothing hangs."""

import re

import pytest
from harness import Plan

from cxrtk.training import checkpoints


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("name", ["4.pt", "10.pt"])
def test_a_bad_image_in_mid_epoch(server, tmp_path, workers, name):
    """The last line is the reader's own sentence: file, reason, cure; for training and validation."""
    plan = Plan(str(tmp_path), workers=workers, fault="bad_image", arguments={"name": name})
    ended = server.run(plan)
    assert ended.code == 2
    path = tmp_path / "images" / name
    assert ended.last_line == f"cxrtk: error: {path}: ends after 100 of 4800 bytes; copy it again"
    assert "Traceback" not in ended.text


def test_a_worker_that_is_killed(server, tmp_path):
    """One line with the process and a guess at the cause; seconds, not for ever."""
    ended = server.run(Plan(str(tmp_path), workers=2, fault="killed_worker", arguments={"name": "4.pt"}))
    assert ended.code == 1 and ended.seconds < 15
    # Which of the two depends on whether torch hears of the death from the system or from the queue.
    assert re.search(r"a process that loads images (is killed by signal: Killed|exited)", ended.last_line)
    assert "--num_workers" in ended.last_line


def test_a_worker_without_memory(server, tmp_path):
    """A MemoryError, not a hang."""
    ended = server.run(Plan(str(tmp_path), workers=2, fault="short_of_memory", arguments={"name": "4.pt"}))
    assert ended.code == 1 and ended.seconds < 15
    assert "memory" in ended.last_line.lower()


def test_a_worker_that_hangs(server, tmp_path):
    """After the loader's timeout, one line that says how to find out where."""
    arguments = {"name": "4.pt", "timeout": 1}
    ended = server.run(Plan(str(tmp_path), workers=2, fault="hanging_worker", arguments=arguments), limit=30)
    assert ended.code == 1
    assert "hangs" in ended.last_line and "--num_workers 0" in ended.last_line


def test_what_was_trained_before_is_kept(server, tmp_path):
    """An image that goes bad in the third epoch costs that epoch only, and the run says how to go on."""
    plan = Plan(str(tmp_path), fault="bad_image_later", arguments={"name": "4.pt", "reads": 2})
    ended = server.run(plan)
    assert ended.code == 2
    assert checkpoints.epoch_files(tmp_path / "runs" / "a")[0][0] == 2
    assert "--resume_from runs/a" in ended.text.splitlines()[-2]
