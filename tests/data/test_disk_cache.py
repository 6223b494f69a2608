"""The cache on disk: the same images as without it, never stale, never damaged, whole when killed."""

import logging
import os
import shutil
import signal
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.transforms import Compose, RandFlipd, Resized, ScaleIntensityd
from PIL import Image

from cxrtk import phantom, readers
from cxrtk.data import DataLists, DiskCacheDataset, LoadLabeld, LoadRadiographd, cached, sealed


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """Six phantoms with masks, in the layout of ChestX-ray14."""
    return phantom.write_nih(tmp_path_factory.mktemp("drawn") / "set", count=6, size=64)


@pytest.fixture
def folder(drawn, tmp_path) -> Path:
    """A copy of them that a test may change."""
    return Path(shutil.copytree(drawn, tmp_path / "set"))


def transform(reader, size: int = 32, steps=()) -> Compose:
    """What a bundle does before its first random step, in short, and one random step."""
    load = [LoadRadiographd("image", reader), LoadLabeld("label", reader)]
    resize = Resized(["image", "label"], (size, size), mode=["bilinear", "nearest"])
    return Compose([*load, *steps, resize, RandFlipd(["image", "label"], prob=0.5)])


def dataset(folder: Path, cache: Path, **settings) -> DiskCacheDataset:
    """All images of a folder through the cache."""
    reader = readers.create("nih_png", root=str(folder))
    lists = DataLists(reader, "files")
    entries = sorted([*lists.train, *lists.validation, *lists.test], key=lambda entry: entry["image"])
    return DiskCacheDataset(entries, transform(reader, **settings), cache, reader)


def read_counted(monkeypatch) -> list[str]:
    """The names of the images that are read from now on."""
    names: list[str] = []
    call = LoadRadiographd.__call__

    def counted(self, data):
        names.append(Path(data["image"]).name)
        return call(self, data)

    monkeypatch.setattr(LoadRadiographd, "__call__", counted)
    return names


def pixels(data) -> list[np.ndarray]:
    """Image and label of every item, before the random step."""
    return [np.stack([data._cachecheck(entry)[key] for key in ("image", "label")]) for entry in data.data]


def test_drawn_images_are_cached_by_what_they_are_drawn_from(tmp_path, monkeypatch):
    """A reader without files: kept, and made again where its set is another one."""

    def filled(**arguments) -> list[np.ndarray]:
        reader = readers.create("phantom", count=3, **arguments)
        entries = [{"image": item["image"], "label": item} for item in reader.items()]
        return pixels(DiskCacheDataset(entries, transform(reader), tmp_path / "cache", reader))

    first = filled(size=64)
    names = read_counted(monkeypatch)
    assert all(np.array_equal(*pair) for pair in zip(first, filled(size=64), strict=True))
    assert names == []
    assert not any(np.array_equal(*pair) for pair in zip(first, filled(size=48), strict=True))
    assert not any(np.array_equal(*pair) for pair in zip(first, filled(size=64, seed=1), strict=True))
    assert len(names) == 6


def test_it_gives_what_monais_own_cache_gives(folder, tmp_path):
    """Bit for bit, filled or not, random steps included where their state is the same."""
    reader = readers.create("nih_png", root=str(folder))
    entries = dataset(folder, tmp_path / "cache").data
    memory = cached(entries, transform(reader), reader, cache_num=10, progress=False)
    disk = cached(entries, transform(reader), reader, cache_dir=str(tmp_path / "cache"))
    assert type(memory).__name__ == "CacheDataset" and type(disk).__name__ == "DiskCacheDataset"
    for _ in range(2):
        for each in (memory, disk):
            each.transform.set_random_state(7)
        for one, other in zip(memory, disk, strict=True):
            for key in ("image", "label"):
                assert torch.equal(one[key].as_tensor(), other[key].as_tensor())
            assert one["image"].meta["filename_or_obj"] == other["image"].meta["filename_or_obj"]


def test_an_image_is_read_once(folder, tmp_path, monkeypatch):
    """By the first data set; a second one, as of another run, reads none."""
    names = read_counted(monkeypatch)
    first = pixels(dataset(folder, tmp_path / "cache"))
    assert len(names) == 6
    second = pixels(dataset(folder, tmp_path / "cache"))
    assert len(names) == 6
    assert all(map(np.array_equal, first, second))


def test_a_changed_image_or_mask_is_read_again(folder, tmp_path, monkeypatch):
    """That one, and no other."""
    pixels(dataset(folder, tmp_path / "cache"))
    image = sorted((folder / "images").glob("*.png"))[2]
    Image.fromarray(255 - np.asarray(Image.open(image))).save(image)
    mask = sorted((folder / "labels").glob("*.png"))[4]  # which is read where both are there
    Image.fromarray(np.asarray(Image.open(mask))[::-1]).save(mask)
    os.utime(mask, (1, 1))  # an old file put in the place of a newer one
    names = read_counted(monkeypatch)
    now = pixels(dataset(folder, tmp_path / "cache"))
    assert names == [image.name, mask.name]
    fresh = pixels(dataset(folder, tmp_path / "another"))
    assert all(map(np.array_equal, now, fresh))


@pytest.mark.parametrize("change", [{"size": 16}, {"steps": (ScaleIntensityd("image", 0, 2),)}])
def test_other_transforms_are_another_cache(folder, tmp_path, monkeypatch, change):
    """All images are read again, and the old ones are still there for the old transforms."""
    before = pixels(dataset(folder, tmp_path / "cache"))
    names = read_counted(monkeypatch)
    changed = pixels(dataset(folder, tmp_path / "cache", **change))
    assert len(names) == 6
    assert changed[0].shape != before[0].shape or not np.array_equal(changed[0], before[0])
    again = pixels(dataset(folder, tmp_path / "cache"))
    assert len(names) == 6 and all(map(np.array_equal, before, again))


def flip(path: Path) -> None:
    """Turn one bit of the largest record."""
    with zipfile.ZipFile(path) as records:
        largest = max(records.infolist(), key=lambda info: info.file_size)
    content = bytearray(path.read_bytes())
    content[largest.header_offset + 300] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(bytes(path.stat().st_size)),
        lambda path: path.write_text("hello"),
        lambda path: sealed.write({"image": 1}, path, durable=False),
        flip,
    ],
    ids=["empty", "half", "zeros", "text", "other content", "bit"],
)
def test_a_damaged_file_is_made_again(folder, tmp_path, caplog, damage):
    """And counted; the pixels are the right ones."""
    before = pixels(dataset(folder, tmp_path / "cache"))
    data = dataset(folder, tmp_path / "cache")
    path = data.path_of(data.data[1])
    damage(path)
    with caplog.at_level(logging.WARNING, "cxrtk"):
        assert all(map(np.array_equal, before, pixels(data)))
    assert data.rebuilt == 1 and str(path) in caplog.text and "created again" in caplog.text
    caplog.clear()
    assert all(map(np.array_equal, before, pixels(dataset(folder, tmp_path / "cache"))))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def in_child(work) -> int:
    """Run `work` in a forked process; return its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            torch.set_num_threads(1)
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_four_processes_fill_one_cache(folder, tmp_path):
    """Every file is whole, and there is one for each image."""
    pids = []
    data = dataset(folder, tmp_path / "cache")
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            try:
                pixels(data)
            finally:
                os._exit(0)
        pids.append(pid)
    for pid in pids:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(files) == 6
    for path in files:
        assert set(sealed.read(path)) == {"image", "label"}


def test_killed_while_it_is_filled(folder, tmp_path, monkeypatch):
    """No half file has a cache file's name, and the next run fills the rest."""
    data = dataset(folder, tmp_path / "cache")
    replace, count = Path.replace, iter(range(10))

    def fatal(path, target):
        if next(count) == 2:
            os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(path, target)

    def work():
        Path.replace = fatal
        pixels(data)

    assert in_child(work) == -signal.SIGKILL
    whole = [path for path in (tmp_path / "cache").rglob("*.pt") if path.name[0] != "."]
    assert len(whole) == 2
    for path in whole:
        sealed.read(path)
    names = read_counted(monkeypatch)
    pixels(dataset(folder, tmp_path / "cache"))
    assert len(names) == 4


def test_a_full_disk_costs_the_cache_only(folder, tmp_path, monkeypatch, caplog):
    """One warning; the images are right and training goes on."""
    import errno

    from cxrtk.data import atomic

    expected = pixels(dataset(folder, tmp_path / "cache"))

    def full(path, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.Path, "replace", full)
    data = dataset(folder, tmp_path / "full")
    assert all(map(np.array_equal, expected, pixels(data)))
    assert caplog.text.count("no space left") == 1 and caplog.text.count("no longer cached") == 1
