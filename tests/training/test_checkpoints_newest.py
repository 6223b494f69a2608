"""The checkpoints of a run: which is the newest that is whole, and which ones stay."""

import logging
import os
from pathlib import Path

import pytest

from cxrtk import CheckpointError
from cxrtk.training import checkpoints


def test_epochs_are_sorted_by_their_number(tmp_path):
    """Ten comes after nine, whatever the times of the files say; other files are not looked at."""
    for rank, epoch in enumerate([10, 9, 2, 100, 1]):
        (tmp_path / f"checkpoint_epoch={epoch}.pt").write_bytes(b"")
        os.utime(tmp_path / f"checkpoint_epoch={epoch}.pt", (1e9 * (rank % 2), 1e9 * (rank % 2)))
    for name in (
        "best.pt",
        ".1.checkpoint_epoch=200.pt",
        "checkpoint_epoch=300.pt.old",
        "checkpoint_epoch=x.pt",
    ):
        (tmp_path / name).write_bytes(b"")
    assert [epoch for epoch, _ in checkpoints.epoch_files(tmp_path)] == [100, 10, 9, 2, 1]


@pytest.mark.parametrize(
    ("found", "kept"), [((8, 9, 10, 11), (10, 11)), ((1,), (1,)), ((), ())], ids=["four", "one", "none"]
)
def test_pruning_keeps_the_newest(tmp_path, found, kept):
    """Two of them, by their epoch; all where there are no more."""
    for epoch in found:
        (tmp_path / f"checkpoint_epoch={epoch}.pt").write_bytes(b"")
        os.utime(tmp_path / f"checkpoint_epoch={epoch}.pt", (100 - epoch, 100 - epoch))
    (tmp_path / "best.pt").write_bytes(b"")
    checkpoints.prune(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"best.pt"} | {
        f"checkpoint_epoch={e}.pt" for e in kept
    }


def three(folder: Path) -> None:
    for epoch in (8, 9, 10):
        checkpoints.save({"progress": {"epoch": epoch}}, folder / f"checkpoint_epoch={epoch}.pt")


def test_the_newest_is_that_of_the_last_epoch(tmp_path, caplog):
    """Nothing is logged."""
    three(tmp_path)
    found = checkpoints.newest(tmp_path)
    assert found is not None
    assert (found[0].name, found[1]["progress"]["epoch"]) == ("checkpoint_epoch=10.pt", 10)
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []


def test_a_damaged_newest_falls_back_aloud(tmp_path, caplog):
    """The warning names the damaged file and the one that is taken."""
    three(tmp_path)
    (tmp_path / "checkpoint_epoch=10.pt").write_bytes(b"")
    found = checkpoints.newest(tmp_path)
    assert found is not None and found[1]["progress"]["epoch"] == 9
    (record,) = (record for record in caplog.records if record.levelno == logging.WARNING)
    assert (
        "checkpoint_epoch=10.pt is damaged" in record.message
        and "back to checkpoint_epoch=9.pt" in record.message
    )


def test_none_good_is_an_error_of_its_own(tmp_path):
    """Exit code 5, with the folder and the count; no silent start from nothing."""
    three(tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="none of its 3 checkpoints is good") as caught:
        checkpoints.newest(tmp_path)
    assert str(tmp_path) in str(caught.value) and caught.value.exit_code == 5


def test_a_run_without_checkpoints_has_no_newest(tmp_path):
    """It was stopped in its first epoch."""
    (tmp_path / "best.pt").write_bytes(b"")
    assert checkpoints.newest(tmp_path) is None
