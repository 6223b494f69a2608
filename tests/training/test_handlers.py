"""The bundles of handlers: right whatever the order in which a user adds others."""

import logging
import math

import pytest
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedEvaluator
from monai.handlers import CheckpointSaver, LrScheduleHandler
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cxrtk import CheckpointError
from cxrtk.training import LoadCheckpoint, ValidationHandlers, checkpoints
from cxrtk.training.handlers import Stats, early_stop


def saved(folder, epoch: int) -> dict:
    loaded: dict = torch.load(folder / f"checkpoint_epoch={epoch}.pt", weights_only=True)
    return loaded


class Halve:
    """A handler of the user's own: the learning rate falls to a half after each epoch."""

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine) -> None:
        for group in engine.optimizer.param_groups:
            group["lr"] /= 2


@pytest.mark.parametrize("when", ["in the config, after", "after the trainer is built"])
def test_a_later_handler_runs_before_the_save(trainer_in, tmp_path, when):
    """What it does to the learning rate is in the checkpoint of that epoch, and is not done twice."""
    for epochs in (2, 3):
        if when == "after the trainer is built":
            trainer = trainer_in(tmp_path, epochs=epochs, learning_rate=0.08)
            Halve().attach(trainer)
        else:
            trainer = trainer_in(tmp_path, epochs=epochs, learning_rate=0.08, later_handlers=[Halve()])
        trainer.run()
    rates = [saved(tmp_path, epoch)["optimizer"]["param_groups"][0]["lr"] for epoch in (2, 3)]
    assert rates == pytest.approx([0.02, 0.01])


def test_a_scheduler_handler_of_monai_runs_before_the_save(trainer_in, tmp_path):
    """The order which, with MONAI's saver, resumes with twice the learning rate."""
    trainer = trainer_in(tmp_path, learning_rate=0.08)
    schedule = torch.optim.lr_scheduler.ExponentialLR(trainer.optimizer, gamma=0.5)
    LrScheduleHandler(schedule, print_lr=False).attach(trainer)
    trainer.run()
    assert saved(tmp_path, 2)["optimizer"]["param_groups"][0]["lr"] == pytest.approx(0.02)


@pytest.mark.parametrize(("by_epoch", "steps"), [(True, 2), (False, 6)])
def test_the_schedule_is_stepped_by_epoch_or_iteration(trainer_in, tmp_path, by_epoch, steps):
    """Two epochs of three iterations, a factor of one half a step."""
    half = torch.optim.lr_scheduler.ExponentialLR
    trainer = trainer_in(
        tmp_path, learning_rate=0.64, schedule=lambda o: half(o, gamma=0.5), lr_epoch_level=by_epoch
    )
    trainer.run()
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.64 * 0.5**steps)


@pytest.mark.parametrize(("interval", "validated"), [(1, [1, 2, 3, 4]), (2, [2, 4]), (3, [3])])
def test_the_validation_runs_every_interval(trainer_in, tmp_path, interval, validated):
    """Its metric is that of the epoch."""
    trainer = trainer_in(tmp_path, epochs=4, interval=interval, values=[0.1, 0.2, 0.3, 0.4])
    trainer.run()
    best = torch.load(tmp_path / "best.pt", weights_only=True)["progress"]
    assert best == {"epoch": validated[-1], "best_metric": validated[-1] / 10, "best_epoch": validated[-1]}


def test_without_a_validator_there_is_no_best(trainer_in, tmp_path):
    """The last weights are there all the same."""
    trainer_in(tmp_path, validated=False, early_stop_patience=1).run()
    assert (tmp_path / "last.pt").exists() and not (tmp_path / "best.pt").exists()


def test_monais_own_saver_may_stand_beside_it(trainer_in, tmp_path):
    """A user who keeps one gets its files too, and neither disturbs the other."""
    trainer = trainer_in(tmp_path / "run")
    CheckpointSaver(str(tmp_path / "own"), {"net": trainer.network}, save_final=True).attach(trainer)
    (tmp_path / "run").mkdir()
    trainer.run()
    own = torch.load(tmp_path / "own" / "net_final_iteration=6.pt", weights_only=True)
    assert all(torch.equal(own[key], tensor) for key, tensor in saved(tmp_path / "run", 2)["model"].items())


def test_the_training_has_curves(trainer_in, tmp_path):
    """A trainer without metrics of its own shows its learning rate and its speed."""
    trainer_in(tmp_path).run()
    events = EventAccumulator(str(tmp_path / "train"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == {"lr", "images_per_second"}


def larger(now: float, before: float) -> bool:
    return now > before


def smaller(now: float, before: float) -> bool:
    return now < before


def validator(values: list[float], metric_cmp_fn):
    """An evaluator, and a function that lets it measure the next of `values`."""
    evaluator = SupervisedEvaluator("cpu", [0], torch.nn.Identity(), metric_cmp_fn=metric_cmp_fn)
    evaluator.state.key_metric_name = "score"
    left = iter(values)

    def measure() -> None:
        evaluator.state.metrics = {"score": next(left)}
        evaluator.fire_event(Events.COMPLETED)

    return evaluator, measure


@pytest.mark.parametrize(
    ("values", "better", "stops_at"),
    [
        ([0.5, 0.6, 0.5, 0.5], larger, 4),
        ([0.5, 0.4, 0.6, 0.5, 0.5], larger, 5),
        ([0.5, 0.4, 0.5, 0.6], smaller, 4),
        ([math.nan, 0.1, math.nan, 0.0], larger, 4),
        ([0.5, math.nan, math.nan], smaller, 3),
    ],
)
def test_early_stop_counts_in_the_sense_of_the_comparison(values, better, stops_at):
    """Two measurements without a better one; NaN is never better."""
    evaluator, measure = validator(values, better)
    trainer = Engine(lambda *_: None)
    early_stop(2, evaluator, trainer)
    stopped = []
    for _ in values:
        measure()
        stopped.append(trainer.should_terminate)
    assert stopped.index(True) + 1 == stops_at


def test_statistics_leave_an_error_to_others(caplog):
    """It passes through, once, without a traceback in the log."""

    def fail(*_: object) -> None:
        raise CheckpointError("cause")

    engine = Engine(fail)
    Stats(name=None, tag_name="loss", iteration_log=False).attach(engine)
    with pytest.raises(CheckpointError, match="cause"):
        engine.run([0])
    assert "Traceback" not in caplog.text


def test_statistics_are_still_in_the_log(caplog):
    """Epoch and metrics, as MONAI prints them."""
    engine = Engine(lambda *_: [{"loss": torch.tensor(0.25)}])
    engine.logger = logging.getLogger("of this test")  # Ignite's own may be quiet after a training
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: engine.state.metrics.update(dice=0.75))
    Stats(name=None, tag_name="loss", iteration_log=False).attach(engine)
    with caplog.at_level(logging.INFO):
        engine.run([0], max_epochs=1)
    assert "dice: 0.7500" in caplog.text


@pytest.fixture
def linear() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Linear(2, 1)


def loads(checkpoint, network: torch.nn.Module, **arguments: str) -> None:
    engine = Engine(lambda *_: None)
    LoadCheckpoint(str(checkpoint), network, **arguments).attach(engine)
    engine.run([0])


@pytest.mark.parametrize("writer", [checkpoints.save, torch.save])
@pytest.mark.parametrize("key", ["model", "net"])
def test_weights_are_loaded_when_the_engine_starts(tmp_path, linear, writer, key):
    """Files of cxrtk and of MONAI are accepted, with the weights under the given key."""
    weights = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])}
    writer({key: weights, "epoch": 1}, tmp_path / "a.pt")
    loads(tmp_path / "a.pt", linear, **({} if key == "model" else {"key": key}))
    assert linear(torch.tensor([[1.0, 1.0]])).item() == 6.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"net": {}}, r"has no 'model'; available: net"),
        (
            {"model": {"weight": torch.zeros(1, 2)}},
            r"different network than this Linear: bias is \(1,\) here and missing there",
        ),
        (
            {"model": {"weight": torch.zeros(1, 3), "bias": torch.zeros(1)}},
            r"weight is \(1, 2\) here and \(1, 3\) there",
        ),
    ],
)
def test_weights_that_do_not_fit_are_one_line(tmp_path, linear, content, said):
    """It names the file, and what does not fit."""
    checkpoints.save(content, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match=said) as caught:
        loads(tmp_path / "a.pt", linear)
    assert str(caught.value).startswith(f"{tmp_path / 'a.pt'}: ") and "\n" not in str(caught.value)


def test_damaged_weights_are_not_tested(tmp_path, linear):
    """The engine does not run with those the network had before."""
    (tmp_path / "a.pt").write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match="is damaged"):
        loads(tmp_path / "a.pt", linear)


def test_validation_handlers_write_curves(tmp_path):
    """One point for each epoch that the trainer asks for."""
    engine = Engine(lambda *_: [{}])
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: engine.state.metrics.update(dice=0.5))
    ValidationHandlers(str(tmp_path), overlays=0).attach(engine)
    engine.run([0], max_epochs=2)
    events = EventAccumulator(str(tmp_path / "validation"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("metric/dice")] == [(1, 0.5), (2, 0.5)]
