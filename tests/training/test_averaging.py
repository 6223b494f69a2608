"""Averaged weights: the recurrence by hand, what is validated, what is saved, and the way back."""

import pytest
import torch
from ignite.engine import Events

from cxrtk import ConfigError
from cxrtk.training import average_of
from cxrtk.training.averaging import AverageWeights


def read(path):
    return torch.load(path, weights_only=True)


@pytest.fixture
def averaged_in(trainer_in):
    """A trainer whose weights are averaged, with a decay that is soon reached."""
    return lambda folder, **about: trainer_in(folder, average=lambda net: average_of(net, 0.5), **about)


def average_in(trainer):
    """The average that follows a trainer."""
    attached = [
        getattr(each, "__self__", None) for each, *_ in trainer._event_handlers[Events.ITERATION_COMPLETED]
    ]
    (handler,) = (each for each in attached if isinstance(each, AverageWeights))
    return handler.averaged


def test_the_average_by_hand():
    """With decay 0.9 it keeps min(0.9, (1 + n) / (10 + n)) of itself at the nth update, from 1."""
    network = torch.nn.Linear(1, 1, bias=False)
    averaged = average_of(network, decay=0.9)
    expected = None
    for n, weight in enumerate((1.0, 3.0, -2.0, 5.0)):
        with torch.no_grad():
            network.weight.fill_(weight)
        averaged.update_parameters(network)
        keep = min(0.9, (1 + n) / (10 + n))
        expected = weight if expected is None else keep * expected + (1 - keep) * weight
        assert averaged.module.weight.item() == pytest.approx(expected)


@pytest.mark.parametrize("decay", [-0.1, 1.0, 2.0, float("nan")])
def test_a_decay_that_makes_no_sense(decay):
    """1 would never learn, NaN would destroy the weights."""
    with pytest.raises(ConfigError, match="at least 0 and less than 1"):
        average_of(torch.nn.Linear(1, 1), decay)


def test_best_and_last_hold_the_average(averaged_in, tmp_path):
    """A checkpoint holds both, so that the training can continue."""
    trainer = averaged_in(tmp_path, epochs=3, values=[0.1, 0.9, 0.2])
    seen = {}

    def look() -> None:
        inside = average_in(trainer).module.state_dict()
        seen[trainer.state.epoch] = {name: value.clone() for name, value in inside.items()}

    trainer.add_event_handler(Events.EPOCH_COMPLETED, look)
    trainer.run()
    for name, epoch in (("best.pt", 2), ("last.pt", 3)):
        saved = read(tmp_path / name)["model"]
        assert all(torch.equal(saved[key], value) for key, value in seen[epoch].items())
    whole = read(tmp_path / "checkpoint_epoch=3.pt")
    raw = trainer.network.state_dict()
    assert all(torch.equal(whole["model"][key], value) for key, value in raw.items())
    assert not torch.equal(whole["model"]["0.weight"], whole["averaged"]["module.0.weight"])


def test_a_training_that_goes_on_has_the_same_average(averaged_in, tmp_path):
    """Stopped after two of four epochs, it ends in the weights of one that was not."""
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    for folder in (whole, parted):
        folder.mkdir()
    averaged_in(whole, epochs=4, values=[0.1, 0.2, 0.3, 0.4]).run()
    averaged_in(parted, epochs=2, values=[0.1, 0.2]).run()
    averaged_in(parted, epochs=4, values=[0.1, 0.2, 0.3, 0.4]).run()
    for name in ("best.pt", "last.pt"):
        one, other = read(whole / name)["model"], read(parted / name)["model"]
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_a_damaged_best_is_written_again_as_the_average(averaged_in, tmp_path):
    """It is restored from the complete checkpoint of its epoch."""
    averaged_in(tmp_path, epochs=2, values=[0.1, 0.2]).run()
    before = read(tmp_path / "best.pt")["model"]
    (tmp_path / "best.pt").write_bytes(b"damaged")
    averaged_in(tmp_path, epochs=3, values=[0.1, 0.2, 0.1]).run()
    after = read(tmp_path / "best.pt")["model"]
    assert all(torch.equal(before[key], after[key]) for key in before)
