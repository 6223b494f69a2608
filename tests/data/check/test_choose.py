"""The reader of a folder, where nobody names one."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError
from cxrtk.data.check.choose import choose_reader


@pytest.mark.parametrize(
    ("folder", "reader"),
    [
        ("jsrt", "image_mask_folder"),
        ("covid_v7", "image_mask_folder"),
        ("not_frontal", "image_mask_folder"),
        ("nih", "nih_png"),
        ("nih_64px", "nih_png"),
        ("dicom", "dicom"),
    ],
)
def test_real_folders(cxrtk_data, folder, reader):
    """The one that knows its masks or its table; `files`, which reads everything, never wins over it."""
    assert choose_reader(cxrtk_data / folder) == reader


def test_several_fit(cxrtk_data, tmp_path):
    """A folder of pictures and nothing else: the user is asked, with the names."""
    (tmp_path / "images").mkdir()
    source = cxrtk_data / "openist" / "images"
    for path in sorted(source.iterdir())[:2]:
        (tmp_path / "images" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ConfigError, match=r"files, image_mask_folder, nih_png find images.*--reader"):
        choose_reader(tmp_path)


def with_masks(root, *names):
    """Two radiographs, and files of those names that hold the masks of both lungs where they are pictures."""
    mask = np.zeros((64, 64), np.uint8)
    mask[10:50, 5:25], mask[10:50, 35:60] = 1, 2
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask * np.uint8(90) if "image" in name else mask.clip(0, 1) * np.uint8(255)).save(
            path
        )
    return root


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif"])
def test_masks_that_are_read(tmp_path, suffix):
    """Whatever lossless format they have."""
    root = with_masks(tmp_path, "images/a.png", "images/b.png", f"masks/a.{suffix}", f"masks/b.{suffix}")
    assert choose_reader(root) == "image_mask_folder"


def test_the_folders_of_nnunet(tmp_path):
    """They have a reader of their own."""
    root = with_masks(
        tmp_path, "imagesTr/a_0000.png", "imagesTr/b_0000.png", "labelsTr/a.png", "labelsTr/b.png"
    )
    (root / "dataset.json").write_text('{"labels": {"background": 0, "lung": 1}}')
    assert choose_reader(root) == "nnunet"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["images/a.png", "masks/a.webp"], "masks in masks/.*1 of its entries are not read as masks: a.webp"),
        (["images/a.png", "images/a_mask.png"], "next to their images.*reader#masks=images/{stem}_mask"),
        (["images/a.png", "segs/a.png"], "masks in segs/.*reader#masks=segs"),
        (["image_1/a.png", "segs/a.png"], "masks in segs/.*reader#masks=segs"),
    ],
)
def test_masks_that_are_not_read(tmp_path, names, said):
    """No reader is chosen, least of all the one that knows no masks; the error says what to do."""
    with pytest.raises(ConfigError, match=said):
        choose_reader(with_masks(tmp_path, *names))


def test_none_fits(tmp_path):
    """An empty folder: the user is told which readers there are."""
    with pytest.raises(ConfigError, match=r"no reader finds images there.*dicom.*nih_png"):
        choose_reader(tmp_path)
