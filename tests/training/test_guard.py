"""A number that is none stops the training before it is learned from."""

import math

import pytest
import torch
from ignite.engine import Engine, Events
from monai.data import MetaTensor, decollate_batch
from monai.data.utils import list_data_collate
from monai.engines import SupervisedTrainer
from torch.utils._python_dispatch import TorchDispatchMode

from cxrtk import NonFiniteError
from cxrtk.training import AutocastInferer, KnownDiceBCE
from cxrtk.training.guard import (
    NAMED,
    NonFiniteGuard,
    batch_files,
    require_finite_metric,
    require_finite_weights,
)

VALUES = [math.nan, math.inf, -math.inf]


class Spoilt:
    """A loss whose value, or whose gradient alone, is spoilt in one iteration."""

    def __init__(self, iteration: int, value: float, part: str) -> None:
        self.left, self.value, self.part = iteration, value, part

    def __call__(self, pred, label):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(pred, label)
        self.left -= 1
        if self.left != 0:
            return loss
        if self.part == "loss":
            return loss * self.value
        pred.register_hook(lambda gradient: gradient * self.value)
        return loss


def weights(trainer) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in trainer.network.named_parameters()}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("part", "said"), [("loss", "the loss is"), ("gradient", "the gradient's norm is")])
def test_the_step_is_not_taken(trainer_in, tmp_path, part, said, value):
    """Iteration 5 of 6: the weights are those after iteration 4; the message names epoch and images."""
    trainer = trainer_in(tmp_path, loss_function=Spoilt(5, value, part), validated=False)
    before: list[dict[str, torch.Tensor]] = []
    batches: list[list[str]] = []
    trainer.add_event_handler(Events.ITERATION_STARTED, lambda: before.append(weights(trainer)))
    trainer.add_event_handler(
        Events.ITERATION_STARTED, lambda: batches.append(batch_files(trainer.state.batch))
    )
    with pytest.raises(NonFiniteError, match=f"^epoch 2, iteration 5: {said}") as caught:
        trainer.run()
    assert caught.value.exit_code == 4 and "\n" not in str(caught.value)
    assert len(before) == 5 and len(batches[-1]) == 2
    assert f"images of the batch: {', '.join(batches[-1])}; " in str(caught.value)
    after = weights(trainer)
    assert all(torch.equal(before[-1][name], after[name]) for name in after)
    assert not any(torch.equal(before[0][name], after[name]) for name in after if "weight" in name)
    assert [path.name for path in tmp_path.glob("*.pt")] == ["checkpoint_epoch=1.pt"]


def test_a_gradient_scaler_has_its_own_way(trainer_in, tmp_path):
    """With ``amp`` the scaler skips such a step and lowers its scale; the loss is still looked at."""
    trainer = trainer_in(tmp_path)
    guard = NonFiniteGuard(trainer.network)
    next(trainer.network.parameters()).grad = torch.full((4, 1, 3, 3), math.inf)
    with pytest.raises(NonFiniteError, match="gradient"):
        guard._gradient(trainer)
    trainer.scaler = torch.amp.GradScaler("cpu")
    guard._gradient(trainer)
    trainer.state.output = {"loss": torch.tensor(math.nan)}
    with pytest.raises(NonFiniteError, match="the loss is nan"):
        guard._loss(trainer)


def test_a_healthy_training_is_left_alone(trainer_in, tmp_path):
    """Two epochs of real numbers end as they should."""
    trainer = trainer_in(tmp_path)
    trainer.run()
    assert trainer.state.epoch == 2


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", ["0.weight", "1.running_var"])
def test_a_weight_or_buffer_is_named(value, name):
    """A running mean can be spoilt while the loss is not."""
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    require_finite_weights(network, 3)
    with torch.no_grad():
        network.state_dict()[name].view(-1)[1] = value
    with pytest.raises(NonFiniteError, match=rf"epoch 3: weight {name} is not finite; the last checkpoint"):
        require_finite_weights(network, 3)


@pytest.mark.parametrize("value", VALUES)
def test_a_key_metric_is_named(value):
    """The message contains its value; a finite metric passes."""
    require_finite_metric("dice", 0.0, 4)
    with pytest.raises(NonFiniteError, match=rf"epoch 4: the key metric dice of the validation is {value}"):
        require_finite_metric("dice", value, 4)


def items(count: int) -> list[dict]:
    meta = [{"filename_or_obj": f"{number}.png"} for number in range(count)]
    return [{"image": MetaTensor(torch.zeros(1, 2, 2), meta=each), "label": 0} for each in meta]


@pytest.mark.parametrize(
    ("batch", "names"),
    [
        (list_data_collate(items(3)), ["0.png", "1.png", "2.png"]),
        (list_data_collate(items(1)), ["0.png"]),
        (decollate_batch(list_data_collate(items(2))), ["0.png", "1.png"]),
        ({"image": torch.zeros(2, 1, 2, 2)}, []),
        ([torch.zeros(1)], []),
        (None, []),
    ],
    ids=["a batch", "a batch of one", "decollated", "plain tensors", "no dictionary", "nothing"],
)
def test_the_files_of_a_batch(batch, names):
    """As MONAI collates them and takes them apart; nothing where they are not known."""
    assert batch_files(batch) == names


@pytest.mark.parametrize(("count", "said"), [(NAMED, "15.png; "), (NAMED + 3, "15.png and 3 more; ")])
def test_a_large_batch_is_counted(count, said):
    """Sixteen names, then how many more."""
    engine = Engine(lambda *_: None)
    engine.state.batch, engine.state.output = items(count), {"loss": torch.tensor(math.nan)}
    with pytest.raises(NonFiniteError, match=said):
        NonFiniteGuard(torch.nn.Identity())._loss(engine)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("part", "said"), [("loss", "the loss is"), ("gradient", "the gradient's norm is")])
@pytest.mark.parametrize("iteration", [5, 6])
def test_looking_later_names_the_same_step(trainer_in, tmp_path, part, said, value, iteration):
    """As on GPUs: one step later, or at the end of the epoch, and the images are those of the step itself."""
    trainer = trainer_in(tmp_path, loss_function=Spoilt(iteration, value, part), validated=False)
    trainer_guard(trainer).later = True
    batches: list[list[str]] = []
    trainer.add_event_handler(
        Events.ITERATION_STARTED, lambda: batches.append(batch_files(trainer.state.batch))
    )
    with pytest.raises(NonFiniteError, match=f"^epoch 2, iteration {iteration}: {said}") as caught:
        trainer.run()
    assert f"images of the batch: {', '.join(batches[iteration - 1])}; " in str(caught.value)
    assert not (tmp_path / "checkpoint_epoch=2.pt").exists() and (tmp_path / "checkpoint_epoch=1.pt").exists()


def trainer_guard(trainer) -> NonFiniteGuard:
    """The guard among the handlers of a trainer."""
    (guard,) = {
        handler.__self__
        for handler, _, _ in trainer._event_handlers[Events.EPOCH_COMPLETED]
        if isinstance(getattr(handler, "__self__", None), NonFiniteGuard)
    }
    return guard


class HostReads(TorchDispatchMode):
    """Counts the operations by which a process waits for its device: reading a number, or an unknown size."""

    NAMES = ("_local_scalar_dense", "nonzero", "masked_select", "equal", "is_nonzero", "unique")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name.removeprefix("aten::")
        if name in self.NAMES:
            self.found.append(name)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("later", [True, False])
def test_a_step_does_not_wait_for_the_device(later):
    """Forward, loss, guard, backward and the fused optimizer read nothing; looking at once reads twice."""
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Conv2d(4, 4, 3, padding=1))
    guard = NonFiniteGuard(network, later=later)
    batch = {"image": torch.rand(2, 1, 16, 16), "label": (torch.rand(2, 4, 16, 16) > 0.5).float()}
    trainer = SupervisedTrainer(
        device="cpu",
        max_epochs=1,
        train_data_loader=[batch] * 3,
        network=network,
        optimizer=torch.optim.AdamW(network.parameters(), fused=True),
        loss_function=KnownDiceBCE(),
        inferer=AutocastInferer(),
        train_handlers=[guard],
        decollate=False,
    )
    counts = []

    def counted(engine, data):
        with HostReads() as reads:
            output = SupervisedTrainer._iteration(trainer, engine, data)
        counts.append(len(reads.found))
        return output

    trainer._process_function = counted
    trainer.run()
    assert counts == ([0] * 3 if later else [2] * 3)
