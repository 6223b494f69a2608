"""One line an epoch: what was lost and reached, how long it took, how long it will take."""

import logging

import pytest
import torch
from ignite.engine import Engine

from cxrtk.training.epoch_log import EpochLog, duration, quieten


class State:
    """Of an evaluator after a validation."""

    def __init__(self, value: float) -> None:
        self.key_metric_name, self.metrics = "dice", {"dice": value}


class Validator:
    """An evaluator, as far as its key metric is looked at."""

    def __init__(self, value: float) -> None:
        self.state = State(value)


def lines(caplog, values, epochs=4, loss=None) -> list[str]:
    """What a training of epochs of ten seconds logs; validation values of ``None`` are no validations."""
    times = iter(range(0, 10_000, 10))
    log = EpochLog(clock=lambda: next(times))
    engine = Engine(lambda _, batch: [{"loss": torch.tensor(0.5)}])
    engine.run([0], max_epochs=1)
    if loss is not None:
        engine.state.metrics["loss"] = loss
    engine.state.max_epochs = epochs
    log.start()
    with caplog.at_level(logging.INFO, "cxrtk"):
        for epoch, value in enumerate(values, 1):
            engine.state.epoch = epoch
            log.say(engine, Validator(value) if value is not None else None, best=value == max(values))
    return [each.getMessage() for each in caplog.records if each.name == "cxrtk.training.epoch_log"]


def test_an_epoch_is_one_line(caplog):
    """Loss of the last batch where nothing measures that of the epoch; the time left by the mean so far."""
    assert lines(caplog, [0.25, 0.75]) == [
        "Epoch 1 of 4: loss 0.5000, validation dice 0.2500, 10 s, about 30 s left.",
        "Epoch 2 of 4: loss 0.5000, validation dice 0.7500 (the best so far), 10 s, about 20 s left.",
    ]


def test_the_last_epoch_has_no_time_left(caplog):
    """And one that was not validated has no metric; the mean loss is taken where it is measured."""
    assert lines(caplog, [0.1, 0.2], epochs=2, loss=0.125)[-1].endswith("loss 0.1250, validation dice 0.2000 "
        "(the best so far), 10 s.")  # fmt: skip


def test_an_epoch_without_validation(caplog):
    """With val_interval above 1, some epochs have no validation."""
    times = iter((0, 1, 3))
    log = EpochLog(clock=lambda: next(times))
    engine = Engine(lambda _, batch: [{"loss": torch.tensor(0.5)}])
    engine.run([0], max_epochs=1)
    engine.state.max_epochs = 9
    log.start()
    with caplog.at_level(logging.INFO, "cxrtk"):
        log.say(engine)
    assert "Epoch 1 of 9: loss 0.5000, 2.0 s, about 16 s left." in caplog.text


def test_a_metric_of_zero_is_explained_once(caplog):
    """After the first epoch that has it."""
    said = lines(caplog, [0.0, 0.0, 0.5])
    assert [("is usual in the first epochs" in each) for each in said] == [False, True, False, False]


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_the_engines_own_lines_are_for_the_verbose(caplog, level):
    """Warnings are for all."""
    engine = Engine(lambda _, batch: None)
    quieten(engine)
    with caplog.at_level(level, "cxrtk"), caplog.at_level(logging.INFO):
        engine.run([0], max_epochs=1)
        engine.logger.warning("a warning")
    assert ("Engine run" in caplog.text) == (level == logging.DEBUG) and "a warning" in caplog.text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (3599, "59 min 59 s"), (90_000, "25 h 00 min")],
)
def test_times(seconds, text):
    """Two units at most."""
    assert duration(seconds) == text
