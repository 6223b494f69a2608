"""Images and masks in a layout of one's own, told by arguments."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, CxrReadError, DataError
from cxrtk.testing import ReaderContract

from .mask_folder import IMAGE, MASK, make_pairs, reader_of, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Images a, b and c; masks for a and b."""
    return make_pairs(tmp_path)


SIDES = {"right": MASK, "left": np.fliplr(MASK)}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Images and side masks in folders of one's own, with a table."""
    for number, stem in enumerate("abc"):
        save(tmp_path / "imgs" / f"{stem}.png", IMAGE + np.uint8(number))
        for side, mask in SIDES.items():
            save(tmp_path / "segs" / f"{stem}_{side}_mask.png", mask * 255)
    rows = "PatientID;File;Sex\np1;a.png;F\np1;b.png;F\np2;c.png;M\np3;d.png;M\n"
    (tmp_path / "cases.csv").write_text(rows)
    return tmp_path


OWN = {
    "images": "imgs",
    "masks": "segs/{stem}_left_mask.png,segs/{stem}_right_mask.png",
    "table": "cases.csv",
    "delimiter": ";",
    "patient": "PatientID",
}


class TestOwnLayout(ReaderContract):
    """What holds for every reader, in a layout that arguments describe."""

    plugin = "image_mask_folder"

    @pytest.fixture
    def kwargs(self, own: Path) -> dict[str, Any]:
        return {"root": str(own), **OWN}


def test_a_layout_of_one_s_own(own: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Folders, sides and table by arguments; a row without an image is counted."""
    caplog.set_level("INFO")
    reader = reader_of(own, **OWN)
    items = reader.items()
    assert [(item["stem"], item["patient"], item["Sex"]) for item in items] == [
        ("a", "p1", "F"), ("b", "p1", "F"), ("c", "p2", "M"),
    ]  # fmt: skip
    label = reader.read_label(items[0])
    assert label is not None
    assert dict(zip(label.classes, label.masks.tolist(), strict=True)) == {
        "right_lung": MASK.tolist(),
        "left_lung": np.fliplr(MASK).tolist(),
    }
    assert "1 rows belong to no image" in caplog.text
    assert [item["stem"] for item in reader_of(own, **OWN, only={"Sex": ["M"]}).items()] == ["c"]


def test_masks_beside_their_images(tmp_path: Path) -> None:
    """A mask of an image is no image."""
    for stem in "ab":
        save(tmp_path / f"{stem}.png", IMAGE)
        save(tmp_path / f"{stem}_mask.png", MASK)
    reader = reader_of(tmp_path, images="{stem}", masks="{stem}_mask")
    assert [item["stem"] for item in reader.items()] == ["a", "b"]
    assert all(reader.has_label(item) for item in reader.items())


def test_jpeg_masks_by_a_threshold(root: Path) -> None:
    """The message names the argument, and with it they are read."""
    for stem in "ab":
        (root / "masks" / f"{stem}.png").unlink()
        Image.fromarray(MASK * 255).save(root / "masks" / f"{stem}.jpg", quality=90)
    reader = reader_of(root)
    with pytest.raises(CxrReadError, match=r"a\.jpg: holds .* values .*reader#mask_threshold=0\.5"):
        reader.read_label(reader.items()[0])
    label = reader_of(root, mask_threshold=0.5).read_label(reader.items()[0])
    assert label is not None
    assert np.array_equal(label.masks[0], MASK)


def test_masks_as_class_maps(root: Path) -> None:
    """With a map of values to classes, where there is no labels/."""
    for stem in "ab":
        save(root / "masks" / f"{stem}.png", MASK * 60 + np.fliplr(MASK) * 120)
    reader = reader_of(root, label_classes={"60": "right_lung", "120": "left_lung"})
    label = reader.read_label(reader.items()[0])
    assert label is not None
    assert label.classes == ("right_lung", "left_lung")
    assert np.array_equal(label.masks, [MASK, np.fliplr(MASK)])


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"images": "pictures"}, DataError, "pictures: no such folder; .*reader#images="),
        ({"images": "imgs/{stem}_x"}, DataError, "No images in .*reader#images="),
        (
            {"images": "imgs", "masks": "segs"},
            DataError,
            "no image has a mask named segs/{stem}.*reader#masks=",
        ),
        ({"images": "imgs", "table": "none.csv"}, DataError, "none.csv: cannot be read"),
        ({"images": "imgs", "table": "cases.csv"}, DataError, "reader#delimiter"),
        ({"images": "imgs", "patient": "PatientID"}, ConfigError, "name it by table="),
        ({"images": "imgs", "mask_threshold": 128}, ConfigError, "mask_threshold must be a fraction"),
        ({}, DataError, "images: no such folder; put the images there, with their masks in masks/"),
    ],
)
def test_a_layout_that_is_not_there(own: Path, arguments: dict[str, Any], error: type, said: str) -> None:
    """The message says what is wanted, and the flag."""
    with pytest.raises(error, match=said):
        reader_of(own, **arguments)
