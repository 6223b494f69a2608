"""The data of a run by content: what changed is named, what was only copied or touched is not."""

import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import DataError, readers
from cxrtk.data import DataLists, data_record
from cxrtk.data.data_record import require_same_data

IMAGES = 10


@pytest.fixture
def source(tmp_path) -> Path:
    """Ten images with masks and a table of patients."""
    root = tmp_path / "set"
    generator = np.random.default_rng(0)
    for folder in ("images", "masks"):
        (root / folder).mkdir(parents=True)
    for number in range(IMAGES):
        pixels = generator.integers(0, 256, (16, 16), np.uint8)
        Image.fromarray(pixels).save(root / "images" / f"{number}.png")
        mask = (pixels > 99) * np.uint8(255)
        Image.fromarray(mask).save(root / "masks" / f"{number}.png", compress_level=0)
    rows = "".join(f"{number},{number},{40 + number}\n" for number in range(IMAGES))
    (root / "manifest.csv").write_text("stem,patient,age\n" + rows)
    return root


def lists(root: Path, run: Path, **arguments: str) -> DataLists:
    reader = readers.create("image_mask_folder", root=str(root))
    return DataLists(reader, save_to=str(run), root=str(root), **arguments)


def flip(root: Path) -> None:
    """Mirror one mask: its size in bytes stays, as it is not compressed."""
    path = root / "masks" / "3.png"
    size = path.stat().st_size
    Image.fromarray(np.asarray(Image.open(path))[:, ::-1]).save(path, compress_level=0)
    assert path.stat().st_size == size


def change_image(root: Path) -> None:
    path = root / "images" / "4.png"
    Image.fromarray(255 - np.asarray(Image.open(path))).save(path)


def change_table(root: Path) -> None:
    path = root / "manifest.csv"
    path.write_text(path.read_text().replace("\n5,5,45", "\n5,5,99"))


def add_classes(root: Path) -> None:
    (root / "labels").mkdir()
    Image.fromarray(np.ones((16, 16), np.uint8)).save(root / "labels" / "6.png")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a mirrored mask": (flip, "masks/3.png has changed"),
    "another image": (change_image, "images/4.png has changed"),
    "a row": (change_table, "the tables have changed for images/5.png"),
    "a class map beside a mask": (add_classes, "labels/6.png has changed"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_data_that_changed_is_refused_by_name(source, tmp_path, change):
    """Also where neither the names nor the sizes of the images tell; nothing of the run is written."""
    run = tmp_path / "run"
    run.mkdir()
    lists(source, run)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in run.iterdir()}
    act, said = CHANGES[change]
    act(source)
    with pytest.raises(DataError, match=r"cannot continue with different data \(1 change\)") as caught:
        lists(source, run)
    assert said in str(caught.value)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in run.iterdir()} == before


def test_data_that_was_moved_or_touched_is_the_same(source, tmp_path):
    """Other times and folders, the same bytes; the split is the same."""
    run = tmp_path / "run"
    run.mkdir()
    first = lists(source, run)
    for path in source.rglob("*.*"):
        os.utime(path, (1e9, 1e9))
    moved = tmp_path / "moved"
    shutil.copytree(source, moved)
    again = lists(moved, run)
    names = [[Path(item["image"]).name for item in each.train] for each in (first, again)]
    assert names[0] == names[1]


def test_an_unchanged_file_is_not_read_again(source, tmp_path, monkeypatch):
    """Where size and time of change are the same; a touched file is."""
    run = tmp_path / "run"
    run.mkdir()
    lists(source, run)
    read: list[str] = []
    monkeypatch.setattr(data_record, "sha256", lambda path: read.append(Path(path).name) or "")
    lists(source, run)
    assert read == []
    os.utime(source / "masks" / "3.png", (1e9, 1e9))
    with pytest.raises(DataError):
        lists(source, run)
    assert read == ["3.png"]


def test_a_table_of_all_masks_is_read_once(source, tmp_path, monkeypatch):
    """As of a reader that lists it for each image."""
    run = tmp_path / "run"
    run.mkdir()
    read: list[str] = []
    monkeypatch.setattr(data_record, "sha256", lambda path: read.append(Path(path).name) or "")
    items = [{"image": str(path), "patient": path.stem} for path in sorted((source / "images").iterdir())]
    require_same_data(run, items, lambda item: [item["image"], str(source / "manifest.csv")], str(source))
    assert sorted(read) == sorted([*(f"{n}.png" for n in range(IMAGES)), "manifest.csv"])


def test_images_of_a_large_set_are_told_by_their_sizes(source, tmp_path, monkeypatch):
    """Their masks by content all the same."""
    monkeypatch.setattr(data_record, "MOST_IMAGE_BYTES", 100)
    run = tmp_path / "run"
    run.mkdir()
    lists(source, run)
    kept = json.loads((run / "data.json").read_text())["images"]
    digests = {name: [file[3] for file in about["files"]] for name, about in kept.items()}
    assert all(image == "" and len(mask) == 64 for image, mask in digests.values())


def test_generated_labels_do_not_read_the_masks(source, tmp_path):
    """Masks that are not used may change."""
    run = tmp_path / "run"
    run.mkdir()
    lists(source, run, labels="generated")
    flip(source)
    lists(source, run, labels="generated")


def test_a_run_of_before_goes_on_with_a_warning(source, tmp_path, caplog):
    """It has a split and no record of its data; none is written."""
    run = tmp_path / "run"
    run.mkdir()
    lists(source, run)
    (run / "data.json").unlink()
    flip(source)
    with caplog.at_level(logging.WARNING, "cxrtk"):
        lists(source, run)
    assert "was started before masks were recorded" in caplog.text
    assert not (run / "data.json").exists()


def test_a_damaged_record_is_named(source, tmp_path):
    """One line, with the file."""
    run = tmp_path / "run"
    run.mkdir()
    lists(source, run)
    (run / "data.json").write_text("{")
    with pytest.raises(DataError, match=r"data\.json: cannot be read"):
        lists(source, run)
