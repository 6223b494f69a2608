"""The best checkpoint of a training: which it is, and what becomes of it."""

import logging
import math

import pytest

from cxrtk import NonFiniteError
from cxrtk.training import metrics_log

from .keeping import NAN, epochs_in, equal, keeper_of, read


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
    """By default, the exit code is 4 and earlier checkpoints are kept."""
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
    """It is restored from the complete state of its epoch if that exists, with a message."""
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
