"""A training of seconds: six images of 16 x 16, a network that has a state, a scripted metric."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from ignite.engine import Engine, Events
from monai.data import DataLoader, Dataset, MetaTensor
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.transforms import RandGaussianNoised

from cxrtk.training import TrainHandlers

from .saving import foreign, saved

__all__ = ["foreign", "saved"]

IMAGES, BATCH = 6, 2
STEPS = IMAGES // BATCH  # of one epoch


class Net(torch.nn.Sequential):
    """Convolutions, batch norm, dropout."""

    def __init__(self, width: int = 4) -> None:
        super().__init__(
            torch.nn.Conv2d(1, width, 3, padding=1),
            torch.nn.BatchNorm2d(width),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Conv2d(width, 1, 3, padding=1),
        )


class Scripted:
    """A key metric whose value in epoch n is the nth of a list, and 0.5 after it."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = values

    def attach(self, engine: Engine, name: str) -> None:
        """As MONAI attaches a metric."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._set, name)

    def _set(self, engine: Engine, name: str) -> None:
        epoch = engine.state.epoch
        engine.state.metrics[name] = self.values[epoch - 1] if epoch <= len(self.values) else 0.5


def images() -> list[dict[str, Any]]:
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(IMAGES, 1, 16, 16, generator=generator)
    return [
        {"image": MetaTensor(picture, meta={"filename_or_obj": f"{n}.png"}), "label": (picture > 0.5).float()}
        for n, picture in enumerate(pictures)
    ]


def build(
    run_dir: Any,
    *,
    epochs: int = 2,
    values: Sequence[float] = (),
    validated: bool = True,
    metric_cmp_fn: Callable[[float, float], bool] = lambda now, before: now > before,
    schedule: Callable[[torch.optim.Optimizer], Any] | None = None,
    width: int = 4,
    learning_rate: float = 0.01,
    loss_function: Any = None,
    later_handlers: Sequence[Any] = (),
    average: Callable[[torch.nn.Module], Any] | None = None,
    **arguments: Any,
) -> SupervisedTrainer:
    """A trainer that has `TrainHandlers` first of its handlers; `arguments` are those of `TrainHandlers`.

    With `average` the evaluator's network is the average that it makes of the trainer's.
    """
    torch.manual_seed(0)
    network = Net(width)
    averaged = average(network) if average else None
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    data = images()
    evaluator = SupervisedEvaluator(
        device="cpu",
        val_data_loader=DataLoader(Dataset(data[:2]), batch_size=2, num_workers=0),
        network=averaged or network,
        key_val_metric={"score": Scripted(values)},
        metric_cmp_fn=metric_cmp_fn,
    )
    handlers = TrainHandlers(
        str(run_dir),
        network,
        optimizer,
        evaluator if validated else None,
        lr_scheduler=schedule(optimizer) if schedule else None,
        overlays=0,
        averaged=averaged,
        **arguments,
    )
    noise = RandGaussianNoised("image", prob=0.5)
    return SupervisedTrainer(
        device="cpu",
        max_epochs=epochs,
        train_data_loader=DataLoader(Dataset(data, noise), batch_size=BATCH, shuffle=True, num_workers=0),
        network=network,
        optimizer=optimizer,
        loss_function=loss_function or torch.nn.BCEWithLogitsLoss(),
        train_handlers=[handlers, *later_handlers],
    )


@pytest.fixture
def trainer_in() -> Callable[..., SupervisedTrainer]:
    """``trainer_in(folder, epochs=2, ...)`` builds a trainer whose run lies in `folder`."""
    return build


@pytest.fixture(autouse=True)
def restored(process_as_it_was: None) -> None:
    """Each test of this folder may open a run."""
