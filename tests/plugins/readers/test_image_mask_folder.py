"""The reader of images with masks beside them: pairs, formats, and what does not fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError
from cxrtk.testing import ReaderContract

from .mask_folder import IMAGE, MASK, make_pairs, reader_of, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Images a, b and c; masks for a and b."""
    return make_pairs(tmp_path)


class TestContract(ReaderContract):
    """What holds for every reader, on real pairs."""

    plugin = "image_mask_folder"

    @pytest.fixture
    def kwargs(self, cxrtk_data: Path) -> dict[str, Any]:
        return {"root": str(cxrtk_data / "openist")}


def test_images_and_masks_are_paired_by_stem(root: Path) -> None:
    """Images without a mask are listed, and say that they have none; patients are the stems."""
    reader = reader_of(root)
    items = reader.items()
    assert [(item["stem"], item["patient"]) for item in items] == [("a", "a"), ("b", "b"), ("c", "c")]
    assert [reader.has_label(item) for item in items] == [True, True, False]
    assert reader.read_label(items[2]) is None
    label = reader.read_label(items[1])
    assert label is not None
    assert np.array_equal(label.masks, MASK[None])
    assert np.array_equal(
        reader.read(items[1]["image"]).pixels, ((IMAGE + np.uint8(1)) / 255).astype(np.float32)
    )


def test_who_made_the_masks_can_be_said(root: Path) -> None:
    """By default a human; an argument or about.json says otherwise, together they must agree."""

    def truth(**arguments: str) -> tuple[str, str]:
        reader = reader_of(root, **arguments)
        label = reader.read_label(reader.items()[0])
        assert label is not None
        return label.truth, label.heart

    assert truth() == ("human", "unknown")
    assert truth(truth="model", heart="included") == ("model", "included")
    (root / "masks" / "about.json").write_text(json.dumps({"truth": "generated", "heart": "excluded"}))
    assert truth() == ("generated", "excluded")
    with pytest.raises(DataError, match="'generated', but truth='human'"):
        reader_of(root, truth="human")


@pytest.mark.parametrize("image_suffix", [".png", ".nii", ".nii.gz", ""])
@pytest.mark.parametrize("mask_suffix", [".PNG", ".nii", ".nii.gz"])
def test_suffixes_may_differ(image_suffix: str, mask_suffix: str, tmp_path: Path) -> None:
    """Each file is read by its content; NIfTI and PNG lie on top of each other."""
    save(tmp_path / "images" / f"x.1{image_suffix}", IMAGE)
    save(tmp_path / "masks" / f"x.1{mask_suffix}", MASK)
    reader = reader_of(tmp_path)
    [item] = reader.items()
    label = reader.read_label(item)
    assert item["stem"] == "x.1"
    assert np.array_equal(reader.read(item["image"]).pixels, (IMAGE / 255).astype(np.float32))
    assert label is not None
    assert np.array_equal(label.masks[0], MASK)


def test_files_of_the_system_are_passed_over(root: Path) -> None:
    """Leavings of macOS and Windows, notes and folders are neither images nor masks."""
    for folder in ("images", "masks"):
        for name in ("._a.png", ".DS_Store", "Thumbs.db", "notes.txt"):
            (root / folder / name).write_bytes(b"\0\5\x16\7")
        (root / folder / "more.png").mkdir()
    assert [item["stem"] for item in reader_of(root).items()] == ["a", "b", "c"]


@pytest.mark.parametrize("folder", ["images", "masks"])
def test_one_stem_twice_is_an_error(folder: str, root: Path) -> None:
    """Both files are named."""
    save(root / folder / "a.nii.gz", MASK)
    with pytest.raises(DataError, match=r"a\.(png|nii\.gz): has the stem of .*a\.(png|nii\.gz)"):
        reader_of(root)


@pytest.mark.parametrize("made", [[], ["images"], ["masks"]])
def test_no_images_is_an_error(made: list[str], tmp_path: Path) -> None:
    """A missing and an empty folder are named by their absolute paths."""
    for folder in made:
        (tmp_path / folder).mkdir()
    with pytest.raises(DataError, match=f"{tmp_path}/images"):
        reader_of(tmp_path)


def test_masks_of_other_names_are_an_error(root: Path) -> None:
    """Where not one mask has the stem of an image, the names are at fault."""
    for stem in "ab":
        (root / "masks" / f"{stem}.png").rename(root / "masks" / f"{stem}_mask.png")
    with pytest.raises(DataError, match=r"none of 2 masks .*'[ab]_mask' against 'a'"):
        reader_of(root)


def test_a_mask_of_another_size_is_an_error(root: Path) -> None:
    """Both files and both sizes are named; nothing is resized."""
    save(root / "masks" / "a.png", MASK[:10])
    reader = reader_of(root)
    with pytest.raises(CxrReadError, match=r"masks/a\.png: is 30 x 10 .*images/a\.png is 30 x 20"):
        reader.read_label(reader.items()[0])


def test_classes_can_be_named(root: Path) -> None:
    """Numbers in labels/ get the names given; text keys, as JSON has them, serve too."""
    save(root / "labels" / "a.png", MASK * 7)
    reader = reader_of(root, label_classes={"7": "lungs"})
    labels = [reader.read_label(item) for item in reader.items()[:2]]
    assert all(label is not None and label.classes == ("lungs",) for label in labels)
    with pytest.raises(CxrReadError, match=r"class numbers \[7\]"):
        reader_of(root).read_label(reader.items()[0])
