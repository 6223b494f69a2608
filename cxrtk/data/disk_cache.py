"""Disk cache of prepared images, with detection of stale and damaged entries."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from monai.data.dataset import CacheDataset, PersistentDataset
from monai.data.meta_tensor import MetaTensor
from monai.transforms.traits import RandomizableTrait

from cxrtk.api import Reader
from cxrtk.data import sealed
from cxrtk.data.describe import describe
from cxrtk.data.fill_cache import fill
from cxrtk.errors import StorageError

PACKAGES = ("cxrtk", "monai", "torch", "numpy", "pillow", "pydicom")
NAME = "filename_or_obj"

logger = logging.getLogger(__name__)


class DiskCacheDataset(PersistentDataset):
    """MONAI's `PersistentDataset`: the output of the deterministic transforms is kept on disk.

    Unlike MONAI's, an entry is recomputed when anything it depends on has changed: the transforms and their
    settings (including the source of plugins), package versions, the item, and size or time of the item's
    files. A damaged file is recomputed too, and counted in the log. Files are written atomically, so several
    processes may fill one cache.

    A prepared image of 256 x 256 with its mask takes 0.5 MB.

    Args:
        data: Entries of `cxrtk.data.DataLists`.
        transform: MONAI's `Compose`.
        cache_dir: Folder of the cache; several data sets and runs may share it.
        reader: Reader that lists the files of an item.
    """

    def __init__(
        self,
        data: Sequence[Mapping[str, Any]],
        transform: Sequence[Callable[..., Any]] | Callable[..., Any],
        cache_dir: str | Path,
        reader: Reader,
    ) -> None:
        super().__init__(data=data, transform=transform, cache_dir=cache_dir)
        self.reader = reader
        self._folder = Path(cache_dir)
        self.rebuilt = 0  # number of damaged files
        self._full = False
        steps = self.transform.flatten().transforms
        random = [number for number, step in enumerate(steps) if isinstance(step, RandomizableTrait)]
        made_by = [version(package) for package in PACKAGES], describe(steps[: min(random, default=None)])
        self._made_by = hashlib.sha256(json.dumps(made_by).encode()).hexdigest()

    def path_of(self, entry: Mapping[str, Any]) -> Path:
        """Return the current cache file of one entry of `data`."""
        item = entry["label"] if isinstance(entry["label"], Mapping) else {"image": entry["image"]}
        found = [(name, Path(name).stat()) for name in self.reader.files(item)]
        files = [(name, status.st_size, status.st_mtime_ns) for name, status in found]
        key = json.dumps([self._made_by, describe(entry), files])
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.pt"

    def _cachecheck(self, item_transformed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the prepared item, from the cache or recomputed; called by MONAI."""
        path = self.path_of(item_transformed)
        try:
            return _unpack(sealed.read(path))
        except FileNotFoundError:
            pass
        except (sealed.DamagedError, KeyError, TypeError) as error:
            self.rebuilt += 1
            logger.warning("%s: damaged (%s); it is created again (%d so far).", path, error, self.rebuilt)
        made: dict[str, Any] = self._pre_transform(  # type: ignore[no-untyped-call]
            deepcopy(dict(item_transformed))
        )
        if not self._full:
            self._keep(made, path)
        return _unpack(_pack(made))  # the same whether cached or recomputed

    def _keep(self, made: Mapping[str, Any], path: Path) -> None:
        try:
            sealed.write(_pack(made), path, durable=False)
        except StorageError as error:
            self._full = True
            logger.warning("%s. Images are no longer cached.", error)


def _pack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the tensors and their source file names, and drop the rest of MONAI's metadata."""
    packed = {}
    for key, value in item.items():
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"{key!r} is a {type(value).__name__}; only tensors can be cached.")
        name = value.meta.get(NAME, "") if isinstance(value, MetaTensor) else ""
        packed[str(key)] = {"tensor": value.as_subclass(torch.Tensor), "name": str(name)}
    return packed


def _unpack(packed: Mapping[str, Any]) -> dict[str, Any]:
    return {key: MetaTensor(each["tensor"], meta={NAME: each["name"]}) for key, each in packed.items()}


def cached(
    data: Sequence[Mapping[str, Any]],
    transform: Sequence[Callable[..., Any]] | Callable[..., Any],
    reader: Reader,
    *,
    cache_dir: str = "",
    cache_num: int = 0,
    num_workers: int = 2,
    progress: bool = True,
    fill_workers: int | None = None,
) -> Any:
    """Return MONAI's in-memory `CacheDataset`, or a `DiskCacheDataset` where a folder is given.

    Args:
        data: Entries of `cxrtk.data.DataLists`.
        transform: MONAI's `Compose`.
        reader: Reader that lists the files of an item.
        cache_dir: Folder of the disk cache; empty for the memory cache.
        cache_num: Capacity of the memory cache; see `cxrtk.data.cache_num`.
        num_workers: Threads that fill the memory cache.
        progress: Show a progress bar while filling it.
        fill_workers: Processes that fill the disk cache at once, see `cxrtk.data.fill_cache`; with ``None``
            it is filled as the images are asked for in the first epoch.
    """
    if cache_dir:
        dataset = DiskCacheDataset(data, transform, cache_dir, reader)
        if fill_workers is not None:
            fill(dataset, fill_workers)
        return dataset
    return CacheDataset(data, transform, cache_num=cache_num, num_workers=num_workers, progress=progress)
