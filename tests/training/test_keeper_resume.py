"""The way back into a training: the same bits, and what is refused."""

import logging
import math
from pathlib import Path

import pytest
import torch
from ignite.engine import Events

from cxrtk import CheckpointError, ConfigError
from cxrtk.process import lock
from cxrtk.process.failures import report
from cxrtk.training import checkpoints, metrics_log, open_run, record

from .keeping import STEPS, cosine, epochs_in, equal, rate, read, weights


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
    """They continue with the same bits; each has a state that a checkpoint can hold."""
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
    """It writes no file either, although it has not run all its epochs."""
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


REFUSED = {
    "other settings": (ConfigError, {"settings": {"seed": 1}}),
    "another network": (CheckpointError, {"width": 8}),
    "another optimizer": (CheckpointError, {"schedule": cosine(4)}),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_a_refused_resume_leaves_every_byte(trainer_in, tmp_path, refused):
    """Of a run that was opened as by the bundle: record, checkpoints, half-written files; and it goes on."""
    folder = Path(open_run(str(tmp_path), "unet_cxr", "mine", max_epochs=2))
    trainer_in(folder, settings={"seed": 0}).run()
    lock.release(folder)
    (folder / ".7.best.pt").write_bytes(b"half")

    def contents() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    before = contents()
    error, arguments = REFUSED[refused]
    open_run(str(tmp_path), "unet_cxr", "", "mine", 3)
    with pytest.raises(error) as caught:
        trainer_in(folder, epochs=3, **{"settings": {"seed": 0}, **arguments}).run()
    report(caught.value)
    assert {name: each for name, each in contents().items() if name != ".lock"} == {
        name: each for name, each in before.items() if name != ".lock"
    }
    open_run(str(tmp_path), "unet_cxr", "", "mine", 3)
    trainer_in(folder, epochs=3, settings={"seed": 0}).run()
    assert epochs_in(folder) == [2, 3] and not (folder / ".7.best.pt").exists()
    assert record.read(folder)["max_epochs"] == 3


def test_another_network_is_refused_in_one_line(trainer_in, tmp_path):
    """Its file, the first layer that does not fit, and both shapes; exit code 5."""
    trainer_in(tmp_path).run()
    with pytest.raises(CheckpointError, match="belongs to a different network than this Net: ") as caught:
        trainer_in(tmp_path, epochs=3, width=8).run()
    text = str(caught.value)
    assert "checkpoint_epoch=2.pt" in text and "0.weight" in text and "(4, 1, 3, 3)" in text
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
