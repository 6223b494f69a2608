"""Exponential moving average of a network's weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch.optim.swa_utils import AveragedModel

from cxrtk.errors import ConfigError


def average_of(network: torch.nn.Module, decay: float = 0.999) -> AveragedModel:
    """Return torch's `AveragedModel` with a decay that rises to `decay`, so that early weights fade quickly.

    After update n the average is ``d * average + (1 - d) * weights`` with
    ``d = min(decay, (1 + n) / (10 + n))``, the warm-up of TensorFlow's ``ExponentialMovingAverage``.
    Buffers are averaged too.

    Args:
        network: Network to average.
        decay: Maximum decay, at least 0 and less than 1.

    Raises:
        ConfigError: `decay` is out of that range.
    """
    if not 0.0 <= decay < 1.0:
        raise ConfigError(f"The decay of averaged weights must be at least 0 and less than 1, not {decay}.")

    @torch.no_grad()
    def update(averages: Sequence[Any], weights: Sequence[Any], count: torch.Tensor | int) -> None:
        n = int(count)
        keep = min(decay, (1 + n) / (10 + n))
        for average, weight in zip(averages, weights, strict=True):
            if average.is_floating_point():
                average.lerp_(weight.to(average.dtype), 1.0 - keep)
            else:
                average.copy_(weight)

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)


class AverageWeights:
    """Update an average after each iteration of a trainer.

    Args:
        network: Network to average.
        averaged: Its moving average.
    """

    def __init__(self, network: torch.nn.Module, averaged: AveragedModel) -> None:
        self.network = network
        self.averaged = averaged

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI trainer."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._update)

    def _update(self, _engine: Engine) -> None:
        self.averaged.update_parameters(self.network)
