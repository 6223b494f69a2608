"""What a resumed run refuses, falls back from, and carries on."""

import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from client import weights_hash
from harness import Plan

from cxrtk.training import checkpoints


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Name -> (time, bytes) of every file."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


@pytest.fixture(scope="module")
def finished(server, tmp_path_factory) -> Path:
    """A folder with a run of four epochs, for copies."""
    folder = tmp_path_factory.mktemp("finished")
    assert server.run(Plan(str(folder))).code == 0
    return folder


@pytest.fixture
def copy(finished, tmp_path) -> Path:
    """A copy of it whose run did not end: as if killed after its last checkpoint."""
    from cxrtk.training import record

    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    record.update(folder / "runs" / "a", {"status": "running"})
    return folder


def test_a_finished_run_is_already_complete(server, finished):
    """Exit code 0, one line, and not a byte is touched."""
    before = files_of(finished / "runs")
    ended = server.run(Plan(str(finished), resume="latest"))
    assert ended.code == 0
    assert ended.last_line == ("runs/a is already complete: 4 of 4 epochs; raise --max_epochs to train more.")
    assert files_of(finished / "runs") == before


def test_fewer_epochs_than_there_are(server, finished):
    """Exit code 2."""
    ended = server.run(Plan(str(finished), resume="latest", epochs=2))
    assert ended.code == 2 and "has 4 epochs already, more than --max_epochs 2" in ended.last_line


def test_more_epochs(server, copy):
    """The run goes on from its fourth epoch to its sixth, and its log holds each epoch once."""
    from cxrtk.training import metrics_log

    ended = server.run(Plan(str(copy), resume="latest", epochs=6))
    assert ended.code == 0
    assert [line for line in ended.text.splitlines() if line.endswith("done")] == [
        "epoch 5 done",
        "epoch 6 done",
    ]
    assert [row["epoch"] for row in metrics_log.read(copy / "runs" / "a")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("resume", ["false", "False", "true", "0", "none", "nowhere", "runs", "/tmp"])
def test_what_is_no_run_is_refused(server, finished, resume):
    """A word that MONAI's command line makes of ``--resume_from false`` resumes nothing."""
    ended = server.run(Plan(str(finished), resume=resume))
    assert ended.code == 2
    assert f"--resume_from {resume}: is not a run; name the folder of one" in ended.last_line


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(path.read_bytes()[:-40]),
        lambda path: path.write_text("<html>404</html>"),
        lambda path: path.write_bytes(bytes(path.stat().st_size)),
        lambda path: flip(path),
    ],
    ids=["empty", "half", "short", "text", "zeros", "bit"],
)
def test_a_damaged_checkpoint(server, undisturbed, copy, damage):
    """The one before it is used, both are named, and the end is the same; without another, exit code 5."""
    folder = copy / "runs" / "a"
    (folder / "last.pt").unlink()
    damage(folder / "checkpoint_epoch=4.pt")
    ended = server.run(Plan(str(copy), resume="latest"))
    assert ended.code == 0
    assert "checkpoint_epoch=4.pt is damaged (" in ended.text
    assert "Going back to checkpoint_epoch=3.pt" in ended.text
    assert weights_hash(folder / "last.pt") == undisturbed[0]
    for epoch in (3, 4):
        damage(folder / f"checkpoint_epoch={epoch}.pt")
    ended = server.run(Plan(str(copy), resume="latest", epochs=6))
    assert ended.code == 5 and "none of its 2 checkpoints is good" in ended.last_line


def flip(path: Path) -> None:
    """Turn one bit of the largest record."""
    with zipfile.ZipFile(path) as records:
        largest = max(records.infolist(), key=lambda info: info.file_size)
    content = bytearray(path.read_bytes())
    content[largest.header_offset + 200] ^= 1
    path.write_bytes(content)


def test_a_damaged_best_checkpoint(server, copy):
    """It is written again from the epoch's own where that is still there, and said so."""
    folder = copy / "runs" / "a"
    best = checkpoints.load(folder / "best.pt")["progress"]["epoch"]
    assert best in (3, 4), "the test needs the epoch file of the best"
    before = weights_hash(folder / f"checkpoint_epoch={best}.pt")
    flip(folder / "best.pt")
    ended = server.run(Plan(str(copy), resume="latest"))
    assert ended.code == 0 and "best.pt is damaged" in ended.text
    assert weights_hash(folder / "best.pt") == before


def test_another_network(server, copy):
    """Settings differ: both values, exit code 2. Without settings to compare: the layer, exit code 5."""
    ended = server.run(Plan(str(copy), resume="latest", width=8, epochs=6))
    assert ended.code == 2 and "width was 4 and is 8" in ended.last_line
    for _, path in checkpoints.epoch_files(copy / "runs" / "a"):
        checkpoints.save({**checkpoints.load(path), "settings": {}}, path)
    ended = server.run(Plan(str(copy), resume="latest", width=8, epochs=6))
    assert ended.code == 5
    assert "belongs to a different network than this Net: 0.weight is " in ended.last_line


@pytest.mark.parametrize("key", ["optimizer", "lr_scheduler"])
def test_a_checkpoint_without_a_part(server, copy, key):
    """One line that names it; more than is needed does no harm."""
    path = copy / "runs" / "a" / "checkpoint_epoch=4.pt"
    whole = checkpoints.load(path)
    checkpoints.save({**whole, "extra": 1}, path)
    assert server.run(Plan(str(copy), resume="latest", epochs=5)).code == 0
    path = copy / "runs" / "a" / "checkpoint_epoch=5.pt"
    checkpoints.save({name: part for name, part in checkpoints.load(path).items() if name != key}, path)
    ended = server.run(Plan(str(copy), resume="latest", epochs=6))
    assert ended.code == 5 and f"does not fit this training: '{key}'" in ended.last_line


def test_early_stopping_is_resumed(server, tmp_path):
    """Killed while it counts, the run stops after the same epoch as one that was not."""
    values = [0.5, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    plan = Plan(str(tmp_path), epochs=8, patience=3, fault="bad_metric", arguments={"values": values})
    assert server.run(plan).code == 0
    assert (
        checkpoints.epoch_files(tmp_path / "runs" / "a")[0][0] == 5
    )  # 0.6 in the second, then three without
    other = tmp_path / "other"
    other.mkdir()
    plan = Plan(str(other), epochs=4, patience=3, fault="bad_metric", arguments={"values": values})
    assert server.run(plan).code == 0
    rest = {"values": values[4:]}
    plan = Plan(str(other), epochs=8, patience=3, resume="latest", fault="bad_metric", arguments=rest)
    assert server.run(plan).code == 0
    assert checkpoints.epoch_files(other / "runs" / "a")[0][0] == 5


def test_a_checkpoint_holds_no_code(server, finished):
    """Every checkpoint is read by `weights_only`, and its numbers are Python's."""
    for path in (finished / "runs" / "a").glob("*.pt"):
        loaded = torch.load(path, weights_only=True)
        assert all(type(value) in (int, float) for value in loaded["progress"].values())
