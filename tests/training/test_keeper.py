"""The state of a training after each epoch: its files, its rows, its record."""

import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedEvaluator

from cxrtk import ConfigError, StorageError
from cxrtk.process import lock
from cxrtk.process.machine import versions
from cxrtk.training import TrainHandlers, metrics_log, open_run, record

from .keeping import STEPS, cosine, epochs_in, equal, keeper_of, rate, read, weights


def test_the_files_of_a_training(trainer_in, tmp_path):
    """Two whole states, the best and the last weights, a row an epoch; nothing half-written."""
    trainer_in(tmp_path, epochs=4, values=[0.1, 0.9, 0.2, 0.3]).run()
    files = {path.name for path in tmp_path.iterdir() if path.is_file()}
    expected = {"checkpoint_epoch=3.pt", "checkpoint_epoch=4.pt", "best.pt", "last.pt", "metrics.jsonl"}
    assert files == expected


def test_the_states_are_those_at_the_end_of_their_epochs(trainer_in, tmp_path):
    """Weights, progress, and what else has a state, as it was when the epoch ended."""
    trainer = trainer_in(tmp_path, epochs=3, keep=3, values=[0.1, 0.9, 0.2], schedule=cosine(3))
    seen = {}
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED, lambda: seen.update({trainer.state.epoch: weights(trainer)})
    )
    trainer.run()
    best = [(0.1, 1), (0.9, 2), (0.9, 2)]
    for epoch, (metric, at) in enumerate(best, start=1):
        state = read(tmp_path / f"checkpoint_epoch={epoch}.pt")
        assert equal(state["model"], seen[epoch])
        assert state["progress"] == {"epoch": epoch, "best_metric": metric, "best_epoch": at}
        assert state["lr_scheduler"]["last_epoch"] == epoch * STEPS
        assert state["optimizer"]["state"][0]["step"].item() == epoch * STEPS
        assert state["versions"] == versions()
    for name, epoch in (("best.pt", 2), ("last.pt", 3)):
        assert equal(read(tmp_path / name)["model"], seen[epoch])
        assert read(tmp_path / name).keys() == {"model", "progress"}


def test_the_rows_say_what_was_measured(trainer_in, tmp_path):
    """Epoch, iteration, learning rate after the epoch, the metrics of both parts, and which is the best."""
    trainer_in(tmp_path, epochs=3, interval=2, values=[0.1, 0.9], schedule=cosine(3)).run()
    rows = metrics_log.read(tmp_path)
    assert [(row["epoch"], row["iteration"]) for row in rows] == [(1, 3), (2, 6), (3, 9)]
    assert [row["lr"] for row in rows] == pytest.approx([rate(step, 3) for step in (3, 6, 9)])
    assert [row.get("validation") for row in rows] == [None, {"score": 0.9}, None]
    assert [row.get("best") for row in rows] == [None, True, None]


@pytest.mark.parametrize("keep", [2, 3])
def test_so_many_checkpoints_stay(trainer_in, tmp_path, keep):
    """The newest, by their epoch: 10 and 11 come after 9."""
    trainer_in(tmp_path, epochs=11, keep=keep, validated=False).run()
    assert epochs_in(tmp_path) == [*range(12 - keep, 12)]


@pytest.mark.parametrize("keep", [1, 0, -1])
def test_one_checkpoint_alone_is_refused(trainer_in, tmp_path, keep):
    """It could be the damaged one."""
    with pytest.raises(ConfigError, match=f"keep must be 2 or more, not {keep}"):
        trainer_in(tmp_path, keep=keep)


@pytest.mark.parametrize(("free", "enough"), [(2279, False), (2280, True)])
def test_a_full_disk_is_found_before_the_first_epoch(trainer_in, tmp_path, monkeypatch, free, enough):
    """Twice a checkpoint must be free: 93 weights of 4 bytes, a count of 8, Adam's two more for each."""
    usage = namedtuple("usage", "total used free")
    trainer = trainer_in(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, free))
    if enough:
        trainer.run()
    else:
        with pytest.raises(StorageError, match=f"no space left on {tmp_path}: need 0") as caught:
            trainer.run()
        assert caught.value.exit_code == 2 and trainer.state.iteration == 0


def test_a_validator_without_key_metric_is_refused(tmp_path):
    """When the handlers are made, not at the end of the first epoch."""
    network = torch.nn.Linear(1, 1)
    validator = SupervisedEvaluator(device="cpu", val_data_loader=[0], network=network)
    with pytest.raises(ConfigError, match="has no key_val_metric"):
        TrainHandlers(str(tmp_path), network, torch.optim.SGD(network.parameters()), validator)


def test_the_record_follows_the_training(trainer_in, tmp_path):
    """`cxrtk runs` shows epoch and best metric while the training runs."""
    folder = Path(open_run(str(tmp_path), "mine", "a", max_epochs=3))
    trainer = trainer_in(
        folder, epochs=3, values=[0.1, 0.9, 0.2], settings={"labels": "human", "net": Path("x")}
    )
    seen = []
    trainer.add_event_handler(Events.EPOCH_STARTED, lambda: seen.append(record.read(folder).get("epoch")))
    trainer.run()
    assert seen == [None, 1, 2]
    about = record.read(folder)
    expected = {"epoch": 3, "key_metric": "score", "best_metric": 0.9, "best_epoch": 2}
    assert {key: about[key] for key in expected} == expected
    assert about["settings"] == {"labels": "human", "net": "x"} and about["status"] == "running"


def test_a_parallel_network_is_saved_without_its_wrapper(trainer_in, tmp_path):
    """One GPU, or none, can then continue where several stopped."""
    trainer = trainer_in(tmp_path, validated=False)
    keeper = keeper_of(trainer)
    names = list(trainer.network.state_dict())
    keeper.network = torch.nn.DataParallel(trainer.network)
    trainer.run()
    assert list(read(tmp_path / "last.pt")["model"]) == names
    again = trainer_in(tmp_path, epochs=3, validated=False)
    keeper_of(again).network = torch.nn.DataParallel(again.network)
    again.run()
    assert epochs_in(tmp_path) == [2, 3]


def test_the_lock_does_not_lie_in_the_way(trainer_in, tmp_path):
    """A folder with a lock and a record, and no checkpoint, begins at the first epoch."""
    folder = Path(open_run(str(tmp_path), "mine", "a", max_epochs=2))
    trainer_in(folder).run()
    assert json.loads((folder / ".lock").read_text())["pid"] and lock.is_locked(folder)
    assert epochs_in(folder) == [1, 2]
