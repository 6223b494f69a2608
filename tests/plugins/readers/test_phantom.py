"""What is particular to the phantom reader; the contract suite checks the rest."""

import numpy as np
import pytest

from cxrtk import CxrReadError, phantom, readers
from cxrtk.data.split_files import part_finder
from cxrtk.data.splits import split_by_patient
from cxrtk.errors import ConfigError


@pytest.fixture
def reader():
    return readers.create("phantom", count=5, seed=2, size=40)


def test_reads_what_write_nih_writes(reader, tmp_path):
    """The same images, patients and classes as on disk, but for the rounding to 8 bits."""
    on_disk = readers.create("nih_png", root=phantom.write_nih(tmp_path / "set", 5, seed=2, size=40))
    for drawn, written in zip(reader.items(), on_disk.items(), strict=True):
        keys = ("patient", "age", "sex", "view", "findings")
        assert [drawn[key] for key in keys] == [written[key] for key in keys]
        assert np.array_equal(reader.read_label(drawn).masks, on_disk.read_label(written).masks)
        difference = reader.read(drawn["image"]).pixels - on_disk.read(written["image"]).pixels
        assert np.abs(difference).max() <= 0.5 / 255 + 1e-6


def test_labels_are_exact(reader):
    """Three classes, known by construction, the lungs without the heart."""
    label = reader.read_label(reader.items()[0])
    assert label.classes == ("right_lung", "left_lung", "heart")
    assert (label.truth, label.heart) == ("exact", "excluded")


def test_spacing_is_calibrated(reader):
    """The spacing is the drawing's own: both lungs together are 20 to 35 cm wide by it."""
    item = reader.items()[0]
    read = reader.read(item["image"])
    assert read.spacing_source == "calibrated"
    columns = np.flatnonzero(reader.read_label(item).lungs().any(axis=0))
    assert 200 < (np.ptp(columns) + 1) * read.spacing_mm[1] < 350


@pytest.mark.parametrize(
    ("root", "begins"), [("", "phantom/phantom_0"), ("some/where", "some/where/phantom/phantom_0")]
)
def test_root_is_only_a_prefix(tmp_path, monkeypatch, root, begins):
    """Any root will do, there or not; it heads the paths and nothing is written."""
    monkeypatch.chdir(tmp_path)
    reader = readers.create("phantom", root=root, count=2, size=32)
    item = reader.items()[0]
    assert item["image"].startswith(begins)
    assert reader.read(item["image"]).pixels.shape == (32, 32)
    assert not list(tmp_path.iterdir())
    assert reader.files(item) == []


def test_equal_names_are_equal_images():
    """Sets of two counts share names and drawings; sets of another seed, size or polarity share no name."""

    def images(**arguments):
        return [item["image"] for item in readers.create("phantom", **arguments).items()]

    few, many = (readers.create("phantom", count=count, size=32) for count in (3, 8))
    shared = {item["image"] for item in few.items()} & {item["image"] for item in many.items()}
    assert shared
    for path in shared:
        assert np.array_equal(few.read(path).pixels, many.read(path).pixels)
    other = [
        {"size": 40},
        {"size": 32, "seed": 1},
        {"size": 32, "inverted": 1.0},
    ]
    listed = [set(images(count=8, **arguments)) for arguments in [{"size": 32}, *other]]
    assert len(set.union(*listed)) == 4 * 8


def test_no_name_is_that_of_an_nih_image(tmp_path):
    """A split that names phantoms says nothing of files of ChestX-ray14, which it knows by name elsewhere."""
    items = readers.create("phantom", count=8, size=32).items()
    split_by_patient(items).save(tmp_path / "splits.json")
    find = part_finder(tmp_path / "splits.json", by_file_name=True)
    assert find(items[0]["image"]) is not None
    assert [find(f"images/{patient:08d}_000.png") for patient in range(10)] == [None] * 10


@pytest.mark.parametrize("path", ["phantom/00000099_000.png", "elsewhere/00000001_000.png", "phantom/x.png"])
def test_an_unknown_path_is_named(reader, path):
    """What is not in the list is a read error, for images and labels."""
    with pytest.raises(CxrReadError, match=f"{path}: is not a phantom of this set; use the paths"):
        reader.read(path)
    with pytest.raises(CxrReadError, match=path):
        reader.read_label({"image": path})
    assert not reader.has_label({"image": path})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"size": 16}, "at least 32"), ({"count": 0}, "count from 1"), ({"seed": -1}, "seed of 0 or more")],
)
def test_refuses_what_cannot_be_drawn(arguments, message):
    """Numbers out of range are refused when the reader is built, not at the first image."""
    with pytest.raises(ConfigError, match=message):
        readers.create("phantom", **arguments)
