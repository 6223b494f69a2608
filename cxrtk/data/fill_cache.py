"""Filling of a disk cache by several processes, before a training begins."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torch.utils.data import DataLoader, Dataset

from cxrtk.process.group import Group
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.data.disk_cache import DiskCacheDataset

AT_ONCE = 8  # images that a process prepares between two reports

logger = logging.getLogger(__name__)


class _Missing(Dataset[int]):
    """Preparation of an entry without a result, so that each process holds only one image in memory."""

    def __init__(self, dataset: DiskCacheDataset, entries: Sequence[Mapping[str, Any]]) -> None:
        self.dataset = dataset
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> int:
        self.dataset._cachecheck(self.entries[index])
        return 1


def fill(dataset: DiskCacheDataset, workers: int) -> int:
    """Prepare the images that the cache lacks, and return their number.

    Existing entries are not read, so an interrupted run continues where it stopped. Damaged files are
    detected when the training reads them. If a training has several processes, each fills a share.

    Args:
        dataset: Data set with its cache.
        workers: Number of processes; 0 prepares the images in this one.

    Raises:
        RuntimeError: An image or label cannot be read; MONAI's, caused by a `CxrReadError`.
    """
    missing = [entry for entry in dataset.data if not dataset.path_of(entry).exists()]
    missing = missing[Group.rank :: Group.size]
    if not missing:
        return 0
    logger.info("The cache lacks %s, which are prepared now.", counted(len(missing), "image"))
    loader: DataLoader[int] = DataLoader(
        _Missing(dataset, missing), batch_size=AT_ONCE, num_workers=workers, collate_fn=sum
    )
    return sum(loader)
