"""kill -9 at any moment: no good checkpoint is lost, and the resumed run ends in the same bits."""

import random
import time
from pathlib import Path

import pytest
from client import until, weights_hash
from harness import Plan

from cxrtk.training import checkpoints, metrics_log, record

pytestmark = pytest.mark.slow

KILLED = -9
EPOCHS = 4


def resumed(server, folder: Path, **changes) -> str:
    """Resume the run and return the hash of its final weights."""
    ended = server.run(Plan(str(folder), resume="latest", **changes))
    assert ended.code == 0, ended.text
    return weights_hash(folder / "runs" / "a" / "last.pt")


def require_whole(folder: Path) -> None:
    """Every file that has a checkpoint's name is good, and no two of them are of one epoch."""
    files = checkpoints.epoch_files(folder)
    assert len({epoch for epoch, _ in files}) == len(files)
    for epoch, path in files:
        assert checkpoints.load(path)["progress"]["epoch"] == epoch


def require_tidy(folder: Path) -> None:
    """After the end: no half-written file, two checkpoints, each epoch once in the log, a record of it."""
    assert [path.name for path in folder.iterdir() if path.name[0] == "." and path.name != ".lock"] == []
    assert [epoch for epoch, _ in checkpoints.epoch_files(folder)] == [EPOCHS, EPOCHS - 1]
    assert [row["epoch"] for row in metrics_log.read(folder)] == list(range(1, EPOCHS + 1))
    assert record.read(folder)["status"] == "complete"


@pytest.mark.parametrize("workers", [0, 2])
def test_an_undisturbed_run_repeats_itself(server, undisturbed, tmp_path, workers):
    """Same seed, same weights, whatever the folder; another seed, others."""
    for seed, run_name in ((0, "a"), (1, "b")):
        assert server.run(Plan(str(tmp_path), workers=workers, seed=seed, run_name=run_name)).code == 0
    assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[workers]
    assert weights_hash(tmp_path / "runs" / "b" / "last.pt") != undisturbed[workers]


# run.json, then in each epoch best.pt where it is the best, metrics.jsonl, checkpoint_epoch=N.pt, run.json.
@pytest.mark.parametrize("count", range(2, 18))
def test_killed_in_the_middle_of_writing_a_file(server, undisturbed, tmp_path, count):
    """Whatever the file, the checkpoints there are whole, and the run ends as if nothing had been."""
    ended = server.run(Plan(str(tmp_path), fault="kill_in_write", arguments={"count": count}))
    assert ended.code == KILLED
    require_whole(tmp_path / "runs" / "a")
    assert resumed(server, tmp_path) == undisturbed[0]
    require_tidy(tmp_path / "runs" / "a")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("count", [4, 5, 6, 8, 9, 12])
def test_killed_around_a_rename(server, undisturbed, tmp_path, count, after):
    """Between the temporary file and its name, and just after."""
    arguments = {"count": count, "after": after}
    assert server.run(Plan(str(tmp_path), fault="kill_at_rename", arguments=arguments)).code == KILLED
    require_whole(tmp_path / "runs" / "a")
    assert resumed(server, tmp_path) == undisturbed[0]
    require_tidy(tmp_path / "runs" / "a")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_killed_around_the_removal_of_old_checkpoints(server, undisturbed, tmp_path, count, after):
    """At least two are there once two epochs are done."""
    arguments = {"count": count, "after": after}
    assert server.run(Plan(str(tmp_path), fault="kill_at_prune", arguments=arguments)).code == KILLED
    require_whole(tmp_path / "runs" / "a")
    assert len(checkpoints.epoch_files(tmp_path / "runs" / "a")) >= min(count, 2)
    assert resumed(server, tmp_path) == undisturbed[0]
    require_tidy(tmp_path / "runs" / "a")


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_three_times_at_random_and_stopped_once(server, undisturbed, tmp_path, workers):
    """Three kills between epochs and in them, each after a new checkpoint, then the same bits."""
    draw = random.Random(workers)
    folder = tmp_path / "runs" / "a"
    for number, sent in enumerate((9, 15, 9)):
        plan = Plan(str(tmp_path), workers=workers, resume="latest" if number else "")
        running = server.start(
            Plan(**{**vars(plan), "fault": "slow", "arguments": {"seconds": 0.03}}),
        )
        until(lambda: (folder / f"checkpoint_epoch={number + 1}.pt").exists())  # noqa: B023
        time.sleep(draw.random() * 0.05)
        running.send(sent)
        assert running.wait().code in (-9, 143)
    assert resumed(server, tmp_path, workers=workers) == undisturbed[workers]
    require_tidy(folder)


def test_killed_in_the_first_epoch(server, undisturbed, tmp_path):
    """There is no checkpoint yet: the run begins again in its folder."""
    arguments = {"place": "training", "number": 9, "count": 2}
    assert server.run(Plan(str(tmp_path), fault="signal_in", arguments=arguments)).code == KILLED
    assert resumed(server, tmp_path) == undisturbed[0]


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_killed_at_a_random_moment(server, undisturbed, tmp_path, moment):
    """Twenty moments from the first line to the last, drawn with seeds: the same bits, 20 of 20."""
    draw = random.Random(1000 + moment)
    workers = moment % 2 * 2
    running = server.start(Plan(str(tmp_path), workers=workers, fault="slow", arguments={"seconds": 0.05}))
    until(lambda: (tmp_path / "runs" / "a" / "run.json").exists())
    time.sleep(draw.random() * 1.5)
    running.send(9)
    running.wait()
    if record.read(tmp_path / "runs" / "a")["status"] != "complete":
        assert resumed(server, tmp_path, workers=workers) == undisturbed[workers]
    else:
        assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[workers]
    require_tidy(tmp_path / "runs" / "a")
