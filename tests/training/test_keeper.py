"""The state of a training after each epoch, and the way back into it."""

import json
import logging
import math
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedEvaluator
from monai.optimizers import WarmupCosineSchedule

from cxrtk import CheckpointError, ConfigError, NonFiniteError, StorageError
from cxrtk.process import lock
from cxrtk.process.machine import versions
from cxrtk.training import TrainHandlers, checkpoints, metrics_log, open_run, record
from cxrtk.training.keeper import Keeper

STEPS = 3  # of one epoch
NAN = math.nan


def read(path: Path) -> dict:
    loaded: dict = torch.load(path, weights_only=True)
    return loaded


def epochs_in(folder: Path) -> list[int]:
    return sorted(int(path.stem.split("=")[1]) for path in folder.glob("checkpoint_epoch=*.pt"))


def weights(trainer) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def keeper_of(trainer):
    """The keeper that `TrainHandlers` has attached."""
    attached = [getattr(handler, "__self__", None) for handler, *_ in trainer._event_handlers[Events.STARTED]]
    (keeper,) = (each for each in attached if isinstance(each, Keeper))
    return keeper


def cosine(epochs: int):
    """The schedule of the bundle, for `epochs` of three steps."""
    return lambda optimizer: WarmupCosineSchedule(optimizer, warmup_steps=0, t_total=epochs * STEPS)


def rate(step: int, epochs: int, base: float = 0.01) -> float:
    """Half a cosine from `base` to nothing, by hand."""
    return 0.5 * base * (1 + math.cos(math.pi * step / (epochs * STEPS)))


# What is saved


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


# Which is the best


@pytest.mark.parametrize(
    ("values", "best", "epoch"),
    [
        ([0.3, 0.6, 0.5], 0.6, 2),
        ([0.5, 0.5, 0.5], 0.5, 1),
        ([NAN, 0.5, 0.6], 0.6, 3),
        ([0.5, NAN, 0.4], 0.5, 1),
        ([math.inf, 0.5, 0.4], 0.5, 2),
        ([-math.inf, -0.5, NAN], -0.5, 2),
    ],
)
def test_the_best_is_the_largest_finite_metric(trainer_in, tmp_path, values, best, epoch):
    """NaN and infinity are passed over where they may be; MONAI's own best is the same one."""
    trainer = trainer_in(tmp_path, epochs=3, values=values, stop_at_nonfinite_metric=False)
    trainer.run()
    assert read(tmp_path / "best.pt")["progress"] == {
        "epoch": epoch,
        "best_metric": best,
        "best_epoch": epoch,
    }
    validator = keeper_of(trainer).validator
    assert (validator.state.best_metric, validator.state.best_metric_epoch) == (best, epoch)


def test_no_finite_metric_no_best(trainer_in, tmp_path):
    """The training ends all the same, where it was told to."""
    trainer = trainer_in(tmp_path, values=[NAN, NAN], stop_at_nonfinite_metric=False)
    trainer.run()
    assert not (tmp_path / "best.pt").exists() and (tmp_path / "last.pt").exists()
    assert keeper_of(trainer).validator.state.best_metric_epoch == -1
    assert [row["validation"]["score"] for row in metrics_log.read(tmp_path)] == [None, None]


@pytest.mark.parametrize("value", [NAN, math.inf])
def test_a_metric_that_is_no_number_ends_the_training(trainer_in, tmp_path, value):
    """By default: exit code 4, and the checkpoints before it stay."""
    with pytest.raises(NonFiniteError, match=rf"epoch 2: the key metric score of the validation is {value}"):
        trainer_in(tmp_path, epochs=3, values=[0.5, value, 0.6]).run()
    assert epochs_in(tmp_path) == [1] and read(tmp_path / "best.pt")["progress"]["epoch"] == 1


def test_smaller_can_be_better(trainer_in, tmp_path):
    """The validator's own comparison decides."""
    trainer = trainer_in(
        tmp_path, epochs=3, values=[0.3, 0.1, 0.2], metric_cmp_fn=lambda now, before: now < before
    )
    trainer.run()
    assert read(tmp_path / "best.pt")["progress"]["best_metric"] == 0.1


def test_the_best_is_remembered_by_a_run_that_goes_on(trainer_in, tmp_path):
    """A worse epoch after the resume does not replace it; a better one does. MONAI is told too."""
    trainer_in(tmp_path, epochs=2, values=[0.9, 0.2]).run()
    before = (tmp_path / "best.pt").read_bytes()
    trainer = trainer_in(tmp_path, epochs=3, values=[0.0, 0.0, 0.8])
    trainer.run()
    assert (tmp_path / "best.pt").read_bytes() == before
    assert keeper_of(trainer).validator.state.best_metric == 0.9
    trainer_in(tmp_path, epochs=4, values=[0.0, 0.0, 0.0, 0.95]).run()
    assert read(tmp_path / "best.pt")["progress"]["best_epoch"] == 4


def test_a_damaged_best_is_written_again(trainer_in, tmp_path, caplog):
    """From the whole state of its epoch, where that is still there; aloud."""
    trainer_in(tmp_path, epochs=2, values=[0.2, 0.9]).run()
    best = read(tmp_path / "best.pt")["model"]
    (tmp_path / "best.pt").write_bytes(b"damaged")
    trainer_in(tmp_path, epochs=3, values=[0, 0, 0.1]).run()
    assert equal(read(tmp_path / "best.pt")["model"], best)
    assert read(tmp_path / "best.pt")["progress"]["best_epoch"] == 2
    (line,) = (line for line in caplog.records if line.levelno == logging.WARNING)
    assert "best.pt is damaged" in line.message and "Written again from checkpoint_epoch=2.pt" in line.message


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"damaged"), lambda path: path.unlink()])
def test_a_best_that_is_lost_is_forgotten_aloud(trainer_in, tmp_path, caplog, damage):
    """The ranking begins again: no run has a best that nobody can load."""
    trainer_in(tmp_path, epochs=3, values=[0.9, 0.2, 0.3]).run()
    damage(tmp_path / "best.pt")
    trainer = trainer_in(tmp_path, epochs=5, values=[0, 0, 0, 0.5, 0.4])
    trainer.run()
    expected = {"epoch": 4, "best_metric": 0.5, "best_epoch": 4}
    assert read(tmp_path / "best.pt")["progress"] == expected
    assert keeper_of(trainer).validator.state.best_metric == 0.5
    (line,) = (line for line in caplog.records if line.levelno == logging.WARNING)
    assert "best.pt" in line.message and "begins the ranking again" in line.message


# The way back


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_resumed_training_ends_in_the_same_bits(trainer_in, tmp_path, stop):
    """Weights, optimizer, rows and best of four epochs, whether or not it was begun again after some."""
    arguments = {"values": [0.3, 0.5, 0.4, 0.45], "schedule": cosine(4)}
    trainer_in(tmp_path / "whole", epochs=4, **arguments)
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir(exist_ok=True)
    trainer_in(tmp_path / "whole", epochs=4, **arguments).run()
    broken = trainer_in(tmp_path / "parts", epochs=4, **arguments)
    broken.add_event_handler(Events.ITERATION_COMPLETED(once=stop * STEPS + 2), lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken.run()
    resumed = trainer_in(tmp_path / "parts", epochs=4, **arguments)
    resumed.run()
    assert (resumed.state.epoch, resumed.state.iteration) == (4, 4 * STEPS)
    one, other = (read(tmp_path / name / "checkpoint_epoch=4.pt") for name in ("whole", "parts"))
    assert equal(one["model"], other["model"])
    assert one["progress"] == other["progress"] and one["lr_scheduler"] == other["lr_scheduler"]
    for number, state in one["optimizer"]["state"].items():
        assert equal(state, other["optimizer"]["state"][number])
    rows = [metrics_log.read(tmp_path / name) for name in ("whole", "parts")]
    for row in (*rows[0], *rows[1]):
        del row["time"]
    assert rows[0] == rows[1]


def test_an_extended_run_has_the_schedule_of_the_new_length(trainer_in, tmp_path):
    """Two epochs, then up to four: the cosine of twelve steps, at step nine, computed by hand."""
    trainer_in(tmp_path, epochs=2, schedule=cosine(2)).run()
    trainer = trainer_in(tmp_path, epochs=4, schedule=cosine(4))
    trainer.run()
    rates = [row["lr"] for row in metrics_log.read(tmp_path)]
    assert rates[:2] == pytest.approx([rate(3, 2), 0.0])
    assert rates[2:] == pytest.approx([rate(9, 4), 0.0])
    assert rates[2] == pytest.approx(0.01 * 0.5 * (1 - math.sqrt(0.5)))


@pytest.mark.parametrize(
    ("scheduler", "expected"),
    [
        (lambda o, n: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=n * STEPS), None),
        (lambda o, n: torch.optim.lr_scheduler.MultiStepLR(o, milestones=[n * STEPS - 2]), 0.001),
        (lambda o, n: torch.optim.lr_scheduler.LinearLR(o, total_iters=n * STEPS), 0.01),
        (lambda o, n: torch.optim.lr_scheduler.OneCycleLR(o, 0.01, total_steps=n * STEPS + 1), None),
        (lambda o, n: torch.optim.lr_scheduler.ConstantLR(o, 0.5, total_iters=99), 0.005),
    ],
    ids=["cosine", "steps", "linear", "one cycle", "constant"],
)
def test_torchs_own_schedules_go_on(trainer_in, tmp_path, scheduler, expected):
    """In the same bits; each has a state that a checkpoint can hold."""
    ends = []
    for name, stops in (("whole", [3]), ("parts", [1, 3])):
        (tmp_path / name).mkdir()
        for stop in stops:
            trainer = trainer_in(tmp_path / name, epochs=3, schedule=lambda o: scheduler(o, 3))
            trainer.add_event_handler(Events.EPOCH_COMPLETED(once=stop), trainer.terminate)
            trainer.run()
        ends.append((weights(trainer), metrics_log.read(tmp_path / name)[-1]["lr"]))
    assert equal(ends[0][0], ends[1][0]) and ends[0][1] == ends[1][1]
    assert expected is None or ends[0][1] == pytest.approx(expected)


def test_early_stop_goes_on_counting(trainer_in, tmp_path):
    """Best in epoch 1, patience 3: one epoch by the first process, two by the second, and it stops."""
    arguments = {"values": [0.9, 0.1, 0.2, 0.3, 0.4, 0.5], "early_stop_patience": 3}
    trainer_in(tmp_path, epochs=2, **arguments).run()
    assert read(tmp_path / "checkpoint_epoch=2.pt")["early_stop"]["counter"] == 1
    trainer = trainer_in(tmp_path, epochs=9, **arguments)
    trainer.run()
    assert trainer.state.epoch == 4 and epochs_in(tmp_path) == [3, 4]
    assert read(tmp_path / "last.pt")["progress"]["epoch"] == 4


def test_a_run_that_stopped_early_trains_no_more(trainer_in, tmp_path):
    """Nor does it write a file, though it has not had all its epochs."""
    arguments = {"values": [0.9, 0.1, 0.2], "early_stop_patience": 2}
    trainer_in(tmp_path, epochs=9, **arguments).run()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    trainer = trainer_in(tmp_path, epochs=9, **arguments)
    iterations = []
    trainer.add_event_handler(Events.ITERATION_STARTED, lambda: iterations.append(1))
    trainer.run()
    assert trainer.state.epoch == 3 and iterations == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_complete_run_trains_no_more(trainer_in, tmp_path, caplog):
    """The plain MONAI command, started twice: the files stay, and it is said."""
    trainer_in(tmp_path).run()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with caplog.at_level(logging.INFO, "cxrtk"):
        trainer_in(tmp_path).run()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert f"{tmp_path} is already complete: 2 epochs" in caplog.text


def test_a_damaged_newest_costs_one_epoch(trainer_in, tmp_path, caplog):
    """It is trained again from the one before, to the same end; the row of it stands once."""
    trainer_in(tmp_path, epochs=3).run()
    end = read(tmp_path / "checkpoint_epoch=3.pt")["model"]
    (tmp_path / "checkpoint_epoch=3.pt").write_bytes(b"")
    trainer_in(tmp_path, epochs=3).run()
    assert equal(read(tmp_path / "checkpoint_epoch=3.pt")["model"], end)
    assert [row["epoch"] for row in metrics_log.read(tmp_path)] == [1, 2, 3]
    assert "Going back to checkpoint_epoch=2.pt" in caplog.text


def test_other_settings_are_refused(trainer_in, tmp_path):
    """Both values are said; those that do not decide the result may differ."""
    before = {"seed": 0, "image_size": 256, "max_epochs": 2, "device": "cpu", "command": "a", "data": "abc"}
    trainer_in(tmp_path, settings=before).run()
    with pytest.raises(ConfigError, match="cannot go on with other settings") as caught:
        trainer_in(tmp_path, epochs=3, settings={**before, "seed": 1, "image_size": 64}).run()
    assert "seed was 0 and is 1, image_size was 256 and is 64; start a new run" in str(caught.value)
    free = {"max_epochs": 3, "device": "cuda", "command": "b", "dataset_dir": "elsewhere", "added": 1}
    trainer_in(tmp_path, epochs=3, settings={**before, **free}).run()
    assert epochs_in(tmp_path) == [2, 3]


def test_another_network_is_refused_in_one_line(trainer_in, tmp_path):
    """Its file, the first layer that does not fit, and both shapes; exit code 5."""
    trainer_in(tmp_path).run()
    with pytest.raises(CheckpointError, match="is of another network than this Net: ") as caught:
        trainer_in(tmp_path, epochs=3, width=8).run()
    text = str(caught.value)
    assert "checkpoint_epoch=2.pt" in text and "0.weight" in text and "[4, 1, 3, 3]" in text
    assert len(text.splitlines()) == 1 and caught.value.exit_code == 5


@pytest.mark.parametrize("key", ["optimizer", "lr_scheduler", "early_stop", "model"])
def test_what_a_checkpoint_lacks_is_named(trainer_in, tmp_path, key):
    """One line with the file and the key."""
    arguments = {"schedule": cosine(3), "early_stop_patience": 9}
    trainer_in(tmp_path, **arguments).run()
    path = tmp_path / "checkpoint_epoch=2.pt"
    state = read(path)
    del state[key]
    checkpoints.save(state, path)
    with pytest.raises(CheckpointError, match=rf"checkpoint_epoch=2\.pt: .*{key}") as caught:
        trainer_in(tmp_path, epochs=3, **arguments).run()
    assert len(str(caught.value).splitlines()) == 1


def test_what_a_checkpoint_has_too_much_is_passed_over(trainer_in, tmp_path):
    """A later version may save more."""
    trainer_in(tmp_path).run()
    path = tmp_path / "checkpoint_epoch=2.pt"
    checkpoints.save({**read(path), "future": {"a": 1}}, path)
    trainer_in(tmp_path, epochs=3).run()
    assert epochs_in(tmp_path) == [2, 3]


def test_a_parallel_network_is_saved_without_its_wrapper(trainer_in, tmp_path):
    """So that one GPU, or none, can go on where several stopped."""
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


def test_another_number_of_workers_is_a_warning(tmp_path, caplog):
    """The run goes on: fewer workers may be the cure of what stopped it."""
    keeper = Keeper(tmp_path, torch.nn.Linear(1, 1), None, settings={"num_workers": 0, "seed": 1})
    keeper._require_same_settings({"num_workers": 2, "seed": 1})
    assert "num_workers was 2 and is 0" in caplog.text
