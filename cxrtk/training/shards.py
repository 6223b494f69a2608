"""Distribution of a data loader's images among several processes."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any

import torch
from monai.data.dataloader import DataLoader
from torch.utils.data import RandomSampler, Sampler, SequentialSampler

from cxrtk.errors import ConfigError
from cxrtk.process.group import Group
from cxrtk.wording import counted


class ShardSampler(Sampler[int]):
    """This process's share of the images that another sampler draws.

    MONAI's `DistributedSampler` shuffles the images itself, so it cannot divide a balanced sampler; it
    repeats images, or needs as many orders as ranks. Here every process draws the whole order with the same
    seed:

    - If `even`, for training, process r of n takes the indices r, r + n, r + 2 n ... of the order, so that
      the batches of all processes together equal those of one process with batches n times as large. Each
      process gets the same number; up to n - 1 images, different ones in each epoch, are left out, and none
      is taken twice.
    - Otherwise, for validation and test, the shares are consecutive and differ in size by at most one, so
      that the results of all processes, joined by rank, have the same order as those of one process.

    Args:
        sampler: Sampler to divide among the processes.
        even: Whether every process gets the same number of images.

    Attributes:
        seed: Seed of the order, set for each epoch by `SeedEachEpoch`; the same in all processes.

    Raises:
        ConfigError: There are fewer images than processes.
    """

    def __init__(self, sampler: Sampler[int], *, even: bool) -> None:
        assert isinstance(sampler, Sized)
        self.sampler = sampler
        self.even = even
        self.seed = 0
        self.total = len(sampler)
        if self.total < Group.size:
            raise ConfigError(
                f"{counted(self.total, 'image')} cannot be shared by {Group.size} processes; start fewer "
                "(--nproc_per_node)."
            )

    def __len__(self) -> int:
        """Return the number of images of this process."""
        if self.even:
            return self.total // Group.size
        return self.total // Group.size + (Group.rank < self.total % Group.size)

    def __iter__(self) -> Iterator[int]:
        """Iterate over the indices of this process."""
        order = self._order()
        if self.even:
            return iter(order[Group.rank :: Group.size][: len(self)])
        share, more = divmod(self.total, Group.size)
        start = Group.rank * share + min(Group.rank, more)
        return iter(order[start : start + len(self)])

    def _order(self) -> list[int]:
        """Draw the order of all images as the data loader of one process does from the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            torch.empty((), dtype=torch.int64).random_()  # a loader draws its workers' seed first
            return list(self.sampler)


class ShardedLoader(DataLoader):
    """MONAI's `DataLoader` for this process's share of the images; takes the same arguments.

    Args:
        dataset: Data set of all images.
        even: Whether every process gets the same number of images, as in training; see `ShardSampler`.
        shuffle: Whether to shuffle all images in each epoch.
        sampler: Sampler of all images, instead of `shuffle`.
        **kwargs: Arguments of MONAI's `DataLoader`.
    """

    def __init__(
        self,
        dataset: Any,
        *,
        even: bool = False,
        shuffle: bool = False,
        sampler: Sampler[int] | None = None,
        **kwargs: Any,
    ) -> None:
        whole = sampler or (RandomSampler(dataset) if shuffle else SequentialSampler(dataset))
        super().__init__(dataset, sampler=ShardSampler(whole, even=even), **kwargs)


class EvenShardedLoader(ShardedLoader):
    """`ShardedLoader` for training: every process gets the same number of images.

    Args:
        dataset: Data set of all images.
        **kwargs: Arguments of `ShardedLoader`.
    """

    def __init__(self, dataset: Any, **kwargs: Any) -> None:
        super().__init__(dataset, even=True, **kwargs)


def require_shards(trainer: Any, *engines: Any) -> None:
    """Refuse data loaders that would give the same images to several processes.

    Args:
        trainer: MONAI trainer; its shares must be even.
        *engines: MONAI evaluators; ``None`` is ignored.

    Raises:
        ConfigError: A loader is not a `ShardedLoader`.
    """
    for engine in (trainer, *engines):
        if engine is None or Group.size == 1:
            continue
        sampler = getattr(engine.data_loader, "sampler", None)
        if not isinstance(sampler, ShardSampler) or (engine is trainer and not sampler.even):
            raise ConfigError(
                "The data loaders do not share the images out among the processes; name multi_gpu.json as "
                "the last of the configs, since a later one may replace its data loaders."
            )
