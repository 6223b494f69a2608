"""Filling a disk cache before a training: by processes, going on where it ended, never stale."""

from pathlib import Path

import numpy as np
import pytest
from monai.transforms import Compose, RandFlipd, Resized

from cxrtk import phantom, readers
from cxrtk.data import DataLists, DiskCacheDataset, LoadLabeld, LoadRadiographd, cached
from cxrtk.data.fill_cache import fill
from cxrtk.process import group
from cxrtk.process.failures import explain


@pytest.fixture
def folder(tmp_path) -> Path:
    """Seven phantoms with masks."""
    return phantom.write_nih(tmp_path / "set", count=7, size=64)


def arguments(folder: Path) -> tuple:
    reader = readers.create("nih_png", root=str(folder))
    lists = DataLists(reader, "files")
    entries = [*lists.train, *lists.validation, *lists.test]
    load = [LoadRadiographd("image", reader), LoadLabeld("label", reader)]
    resize = Resized(["image", "label"], (32, 32), mode=["bilinear", "nearest"])
    return entries, Compose([*load, resize, RandFlipd(["image", "label"], prob=0.5)]), reader


def dataset(folder: Path, cache: Path) -> DiskCacheDataset:
    entries, transform, reader = arguments(folder)
    return DiskCacheDataset(entries, transform, cache, reader)


@pytest.mark.parametrize("workers", [0, 2])
def test_what_it_fills_is_what_is_read(folder, tmp_path, workers, monkeypatch):
    """One file an image; afterwards no image file is opened, and the pixels are those without a cache."""
    data = dataset(folder, tmp_path / "cache")
    plain = [data._pre_transform(dict(entry)) for entry in data.data]
    assert fill(data, workers) == 7
    assert len(list((tmp_path / "cache").rglob("*.pt"))) == 7
    monkeypatch.setattr(LoadRadiographd, "__call__", lambda *_: pytest.fail("an image was read"))
    for entry, expected in zip(data.data, plain, strict=True):
        for key in ("image", "label"):
            assert np.array_equal(data._cachecheck(entry)[key].numpy(), expected[key].numpy())


def test_it_goes_on_where_it_ended(folder, tmp_path):
    """Only what is missing is prepared: of a killed filling the rest, of a changed file that one."""
    data = dataset(folder, tmp_path / "cache")
    for entry in data.data[:3]:
        data._cachecheck(entry)
    assert fill(data, 0) == 4
    assert fill(data, 0) == 0
    image = Path(data.data[5]["image"])
    image.write_bytes(image.read_bytes())  # the same bytes at another time
    assert fill(data, 0) == 1


def test_processes_of_a_training_share_the_work(folder, tmp_path):
    """The first and the second of three prepare a third each of what is missing when they look."""
    data = dataset(folder, tmp_path / "cache")
    try:
        filled = []
        for rank in range(3):
            group.Group.rank, group.Group.size = rank, 3
            filled.append(fill(data, 0))
    finally:
        group.leave()
    # One after another here: 7 missing, then 4, then 3.
    assert filled == [3, 1, 1]
    assert fill(data, 0) == 2


@pytest.mark.parametrize("workers", [0, 1])
def test_an_unreadable_image_is_named(folder, tmp_path, workers):
    """Before the training begins."""
    data = dataset(folder, tmp_path / "cache")
    Path(data.data[2]["image"]).write_bytes(b"nothing")
    with pytest.raises(RuntimeError) as caught:
        fill(data, workers)
    failure = explain(caught.value)
    assert failure.expected and failure.text.startswith(data.data[2]["image"])


def test_a_bundle_asks_for_it(folder, tmp_path):
    """By `cached`, which otherwise leaves the filling to the first epoch."""
    entries, transform, reader = arguments(folder)
    cached(entries, transform, reader, cache_dir=str(tmp_path / "later"))
    assert not list((tmp_path / "later").rglob("*.pt"))
    cached(entries, transform, reader, cache_dir=str(tmp_path / "now"), fill_workers=0)
    assert len(list((tmp_path / "now").rglob("*.pt"))) == 7
