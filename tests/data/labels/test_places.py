"""Where masks lie, and that none is passed over in silence."""

from pathlib import Path
from typing import Any

import drawn
import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, DataError, pixels
from cxrtk.data.labels.folders import BESIDE, list_masks


def save(path: Path, mask: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask * np.uint8(255)).save(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with two images, a and b."""
    for stem in "ab":
        drawn.image(tmp_path / "images" / f"{stem}.png")
    return tmp_path


def files_of(root: Path, **arguments: Any) -> pixels.LabelFiles:
    images = {stem: str(root / "images" / f"{stem}.png") for stem in "ab"}
    return pixels.LabelFiles(root, images, default_truth="human", **arguments)


def label_of(root: Path, stem: str = "a", **arguments: Any):
    return files_of(root, **arguments).read(stem, root / "images" / f"{stem}.png")


@pytest.mark.parametrize(
    "folders",
    [
        ("masks/right lung", "masks/left lung"),
        ("masks/Right", "masks/Left"),
        ("rightMask", "leftMask"),
        ("labels/right_lung", "labels/left_lung"),
        ("RLung", "LLung"),
    ],
)
@pytest.mark.parametrize("suffix", ["png", "tif", "gif", "bmp"])
def test_two_sides_in_folders(root: Path, folders: tuple[str, str], suffix: str) -> None:
    """They are united with their sides told."""
    for folder, mask in zip(folders, drawn.MASKS, strict=True):
        save(root / folder / f"a.{suffix}", mask)
    label = label_of(root)
    assert label.classes == drawn.CLASSES
    assert np.array_equal(label.masks, drawn.MASKS)
    files = files_of(root)
    assert files.files("a") == [str(root / folder / f"a.{suffix}") for folder in folders]
    assert not files.has("b")


def test_a_side_that_is_missing(root: Path) -> None:
    """An image with one mask of two is an error, and so is a folder of one side alone."""
    save(root / "masks/left/a.png", drawn.MASKS[1])
    with pytest.raises(DataError, match=r"masks/left: holds the masks of one side, left_lung"):
        files_of(root)
    save(root / "masks/right/b.png", drawn.MASKS[0])
    with pytest.raises(CxrReadError, match=r"masks/left/a\.png: is the only mask of .*none of right_lung"):
        label_of(root)


def test_a_side_of_another_size(root: Path) -> None:
    """It is named with both sizes."""
    save(root / "left/a.png", drawn.MASKS[1][:9])
    save(root / "right/a.png", drawn.MASKS[0])
    with pytest.raises(CxrReadError, match=r"left/a\.png: is 64 x 9 pixels, but its image .* is 64 x 48"):
        label_of(root)


@pytest.mark.parametrize("folder", ["masks", "labels", "annotations", "images"])
@pytest.mark.parametrize("make", [drawn.labelme, drawn.darwin_1, drawn.darwin_2])
def test_drawings(root: Path, folder: str, make) -> None:
    """JSON files of the images' names, in folders of masks or beside the images."""
    drawn.write(root / folder / "a.json", make())
    label = label_of(root)
    assert label.classes == drawn.CLASSES
    assert np.array_equal(label.masks, drawn.MASKS)


@pytest.mark.parametrize(
    "name", ["annotations/instances_default.json", "masks/x.json", "set.json", "images/_a.coco.json"]
)
def test_coco(root: Path, name: str) -> None:
    """One file for all, wherever annotation tools put it."""
    drawn.write(root / name, drawn.coco("images/a.png"))
    drawn.write(root / "about_me.json", {"other": 1})
    label = label_of(root)
    assert np.array_equal(label.masks, drawn.MASKS)
    files = files_of(root)
    assert files.files("a") == [str(root / name)]
    assert not files.has("b")


def test_coco_of_other_images(root: Path) -> None:
    """It is an error in a folder of annotations, and where it was named."""
    drawn.write(root / "annotations/x.json", drawn.coco("z.png"))
    for masks in (None, "annotations/x.json"):
        with pytest.raises(
            DataError, match=r"x\.json: annotates none of the images \('z\.png' against 'a'\)"
        ):
            files_of(root, masks=masks)


def test_a_coco_file_can_be_named(root: Path) -> None:
    """By its path below the root."""
    drawn.write(root / "deep/x.json", drawn.coco("a.png"))
    assert np.array_equal(label_of(root, masks="deep/x.json").masks, drawn.MASKS)


@pytest.mark.parametrize("folder", ["masks", "labels", "annotations", "masks/left"])
@pytest.mark.parametrize("name", ["a.webp", "a.nrrd", "a.xml", "notes.docm", "a.npz", "x.json", "more/b.png"])
def test_files_that_are_not_read_are_an_error(root: Path, folder: str, name: str) -> None:
    """Whatever else lies there: the folder, the file and the ways out are named."""
    for side, mask in zip(("right", "left"), drawn.MASKS, strict=True):
        save(root / "masks" / side / "a.png", mask)
    drawn.write(root / folder / name, '{"a": 1}')
    with pytest.raises(DataError, match=name.partition("/")[0]) as error:
        files_of(root)
    assert f"{root / folder}: " in str(error.value)
    assert "masks are read from PNG, JPEG, BMP" in str(error.value)
    assert "reader#masks=" in str(error.value)


def test_tables_and_text_are_counted(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They hold no masks; nor do hidden files, and what describes the masks."""
    save(root / "masks/a.png", drawn.MASKS.max(axis=0))
    for name in ("t.csv", "readme.TXT", ".hidden", "Thumbs.db", "about.json"):
        drawn.write(root / "masks" / name, "{}")
    caplog.set_level("INFO")
    assert files_of(root).has("a")
    assert "5 files ignored (tables, texts, hidden files)" in caplog.text
    assert all(ending == ending.lower() for ending in BESIDE)


def test_two_files_of_one_stem(root: Path) -> None:
    """A mask as PNG and as TIFF: which one is meant is not guessed."""
    for suffix in ("png", "tif"):
        save(root / f"masks/a.{suffix}", drawn.MASKS[0])
    with pytest.raises(DataError, match=r"a\.tif: has the stem of .*a\.png"):
        list_masks(root / "masks")


def test_masks_where_one_says(root: Path) -> None:
    """By a pattern a side; both must be there."""
    for side, mask in zip(("right", "left"), drawn.MASKS, strict=True):
        save(root / "segs" / f"a_{side}_mask.png", mask)
    label = label_of(root, masks="segs/{stem}_left_mask.png,segs/{stem}_right_mask.png")
    assert label.classes == drawn.CLASSES
    assert np.array_equal(label.masks, drawn.MASKS)
    with pytest.raises(DataError, match=r"no image has a mask named segs/\{stem\}_x, .*'a'.*reader#masks="):
        files_of(root, masks="segs/{stem}_x")


def test_a_map_of_values_to_classes(root: Path) -> None:
    """Grey levels of one's own, several of them of one class."""
    values = drawn.MASKS[0] * np.uint8(85) + drawn.MASKS[1] * np.uint8(170)
    values[20:30, 40:50] = 255
    (root / "masks").mkdir()
    Image.fromarray(values).save(root / "masks/a.png")
    label = label_of(root, maps=True, classes={85: "right_lung", 170: "left_lung", 255: "left_lung"})
    assert label.classes == drawn.CLASSES
    assert np.array_equal(label.masks, drawn.MASKS)
    with pytest.raises(
        CxrReadError, match=r"class numbers \[255\], which have no name; name them in label_class"
    ):
        label_of(root, maps=True, classes={85: "right_lung", 170: "left_lung"})


def test_an_empty_drawing_is_no_label(root: Path) -> None:
    """A file without a shape says neither lungs nor none."""
    drawn.write(root / "masks/a.json", drawn.labelme(shapes=[]))
    with pytest.raises(CxrReadError, match=r"a\.json: holds no mask; draw it, or remove the file"):
        label_of(root)
