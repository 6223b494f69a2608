"""Helpers of the tests of the keeper: its files, weights, and schedules by hand."""

import math
from pathlib import Path

import torch
from ignite.engine import Events
from monai.optimizers import WarmupCosineSchedule

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
