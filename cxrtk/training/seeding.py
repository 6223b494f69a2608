"""Per-epoch seeding, so that an epoch can be reproduced from the seed and its number alone."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.data.utils import set_rnd

from cxrtk.process.group import Group
from cxrtk.training.shards import ShardSampler

EPOCHS = 1_000_003  # a prime, so that (seed, epoch) pairs of close seeds do not collide
RANKS = 15_485_863  # another prime, for the processes of one training


class SeedEachEpoch:
    """Seed Python, NumPy, torch and the transforms of the data set at the start of each epoch.

    This determines the order of the images, augmentation, dropout, and the seeds of the DataLoader's workers.
    No random state is needed in a checkpoint: epoch 7 is the same whether epoch 6 was run by this process or
    by a killed one. Among several processes, each has its own random numbers, except for the order of the
    images, which all share.

    Args:
        seed: Seed of the run.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`; the data set of its ``data_loader`` may have random transforms."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Seed all generators for the epoch that begins."""
        common = (self.seed * EPOCHS + engine.state.epoch) % 2**32
        loader = getattr(engine, "data_loader", None)
        sampler: Any = getattr(loader, "sampler", None)
        if isinstance(sampler, ShardSampler):
            sampler.seed = common
        seed = (common + Group.rank * RANKS) % 2**32
        random.seed(seed)
        np.random.seed(seed)  # some transforms draw from it
        torch.manual_seed(seed)
        dataset: Any = getattr(loader, "dataset", None)
        if dataset is not None:
            set_rnd(dataset, seed=seed)
