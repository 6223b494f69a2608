"""NaN and infinity: exit code 4, the batch's files named, the last finite checkpoint kept, never the best."""

import math

import pytest
import torch
from harness import Plan

from cxrtk.training import checkpoints, record

NON_FINITE = 4


def require_finite(folder) -> int:
    """Every checkpoint of the run holds numbers only; returns the newest one's epoch."""
    files = checkpoints.epoch_files(folder)
    for path in [path for _, path in files] + list(folder.glob("best.pt")):
        for tensor in checkpoints.load(path)["model"].values():
            assert bool(torch.isfinite(tensor.float()).all())
    return files[0][0] if files else 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("at", "epochs"), [(1, 0), (5, 1), (12, 3)])
def test_a_loss(server, tmp_path, value, at, epochs):
    """In iteration `at` of three an epoch: the epochs before are kept, and no ``last.pt`` pretends an end."""
    ended = server.run(Plan(str(tmp_path), fault="bad_loss", arguments={"value": value, "at": at}))
    assert ended.code == NON_FINITE
    assert "the loss is" in ended.last_line and ".pt" in ended.last_line.split("images of the batch:")[1]
    folder = tmp_path / "runs" / "a"
    assert require_finite(folder) == epochs
    assert not (folder / "last.pt").exists()
    assert record.read(folder)["status"] == "failed"


def test_a_learning_rate_that_is_too_large(server, tmp_path):
    """1e30 blows the weights up; what is kept is finite."""
    ended = server.run(Plan(str(tmp_path), learning_rate=1e30))
    assert ended.code == NON_FINITE and "lower the learning rate" in ended.last_line
    require_finite(tmp_path / "runs" / "a")


def test_an_image_of_infinities_is_named(server, tmp_path):
    """Its file is among those of the batch."""
    ended = server.run(Plan(str(tmp_path), fault="infinite_image", arguments={"name": "4.pt"}))
    assert ended.code == NON_FINITE
    assert str(tmp_path / "images" / "4.pt") in ended.last_line
    assert ended.last_line.count(".pt") <= 4


def test_a_key_metric(server, tmp_path):
    """A NaN Dice ends the run before its epoch is saved, and is not the best."""
    values = [0.5, math.nan, 0.6, 0.7]
    ended = server.run(Plan(str(tmp_path), fault="bad_metric", arguments={"values": values}))
    assert ended.code == NON_FINITE
    assert "epoch 2: the key metric dice of the validation is nan" in ended.last_line
    folder = tmp_path / "runs" / "a"
    assert require_finite(folder) == 1
    assert checkpoints.load(folder / "best.pt")["progress"]["best_metric"] == 0.5


def test_a_key_metric_that_is_nan_at_first_is_never_the_best(server, tmp_path):
    """nan, 0.5, 0.6, 0.4, where the run is told to go on: the best is 0.6, of the third epoch."""
    values = [math.nan, 0.5, 0.6, 0.4]
    plan = Plan(str(tmp_path), fault="bad_metric", arguments={"values": values}, tolerant=True)
    assert server.run(plan).code == 0
    progress = checkpoints.load(tmp_path / "runs" / "a" / "best.pt")["progress"]
    assert (progress["best_metric"], progress["epoch"]) == (0.6, 3)
