"""Random numbers that depend on the seed and the epoch alone, so that an epoch can be run again."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.data.utils import set_rnd

EPOCHS = 1_000_003  # a prime, so that (seed, epoch) pairs of near seeds do not meet


class SeedEachEpoch:
    """Seed Python, NumPy, torch and the transforms of the data set when an epoch starts.

    The order of the images, the augmentation, dropout, and the seeds that DataLoader hands its workers follow
    from it. No random state has to be in a checkpoint: epoch 7 is the same whether epoch 6 was run by this
    process or by one that was killed.

    Args:
        seed: The run's seed.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def attach(self, engine: Engine) -> None:
        """Follow `engine`, whose ``data_loader`` may have a data set with random transforms."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Seed everything for the epoch that begins."""
        seed = (self.seed * EPOCHS + engine.state.epoch) % 2**32
        random.seed(seed)
        np.random.seed(seed)  # some transforms draw from it
        torch.manual_seed(seed)
        dataset: Any = getattr(getattr(engine, "data_loader", None), "dataset", None)
        if dataset is not None:
            set_rnd(dataset, seed=seed)
