"""Predictions of other tools: class maps, probabilities, sides, names; and what does not fit at all."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, DataError
from cxrtk.api import Radiograph
from cxrtk.inference.scoring.folder_lungs import FolderLungs

RIGHT, LEFT = np.zeros((2, 24, 32), np.uint8)
RIGHT[4:20, 3:13] = 1
LEFT[4:20, 18:29] = 1
LUNGS = RIGHT | LEFT
IMAGE = Radiograph(np.zeros(LUNGS.shape, np.float32))


def save(path, pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def found(folder, name="a.png", **options):
    return FolderLungs(folder, **options)(name, IMAGE, "excluded")


@pytest.mark.parametrize(("classes", "truth"), [((1, 2), LUNGS), ((2,), LEFT), ((3,), 0 * LUNGS)])
def test_class_maps_with_the_numbers_that_are_lungs(tmp_path, classes, truth):
    """United; a number that a map lacks is nothing."""
    save(tmp_path / "a.png", RIGHT + 2 * LEFT)
    read = found(tmp_path, classes=classes)
    assert read.missing == "" and np.array_equal(read.mask, truth)


def test_probabilities_with_a_threshold(tmp_path):
    """Above the fraction of the range."""
    save(tmp_path / "a.png", 200 * RIGHT + 100 * LEFT)
    for threshold, truth in ((0.5, RIGHT), (0.3, LUNGS)):
        read = found(tmp_path, threshold=threshold)
        assert read.missing == "" and np.array_equal(read.mask, truth)


@pytest.mark.parametrize(
    "names",
    [
        ("right/a.png", "left/a.png"),
        ("x/Right Lung/a.png", "x/Left Lung/a.png"),
        ("a_right.png", "a_left.png"),
        ("a_right_lung.png", "a_left_lung.png"),
        ("a_r.png", "a_l.png"),
    ],
)
def test_two_files_of_the_two_sides_are_united(tmp_path, names):
    """By their folders or their endings."""
    for name, side in zip(names, (RIGHT, LEFT), strict=True):
        save(tmp_path / name, 255 * side)
    read = found(tmp_path)
    assert read.missing == "" and np.array_equal(read.mask, LUNGS)


@pytest.mark.parametrize(
    ("image", "file"),
    [
        ("a.png", "a_pred.png"),
        ("a.png", "a_seg.png"),
        ("a.png", "deep/a_prediction.png"),
        ("a_0000.png", "a.png"),  # nnU-Net
        ("x/a_0000.nii.gz", "a.png"),
        ("a_0000.png", "a_0000.png"),
    ],
)
def test_names_of_other_tools(tmp_path, image, file):
    """Endings of masks, and nnU-Net's number of a channel, which it leaves out of the prediction."""
    save(tmp_path / file, 255 * LUNGS)
    save(tmp_path / "b_pred.png", 255 * LUNGS)
    read = found(tmp_path, image)
    assert read.missing == "" and np.array_equal(read.mask, LUNGS)


def test_the_file_of_the_images_own_name_comes_first(tmp_path):
    """As `cxrtk segment` writes a mask and a class map of one image."""
    save(tmp_path / "a.png", 255 * LUNGS)
    save(tmp_path / "a_labels.png", RIGHT + 2 * LEFT)
    assert np.array_equal(found(tmp_path).mask, LUNGS)


@pytest.mark.parametrize(
    ("pixels", "options", "said"),
    [
        (RIGHT + 2 * LEFT, {}, "if they are class numbers, state which are lungs, as in --classes 1,2"),
        (200 * RIGHT + 100 * LEFT, {}, "if they are probabilities, cut them by --threshold 0.5"),
        (np.ones((12, 16)), {}, "16 x 12 pixels, the image 32 x 24; make it of the image's size"),
    ],
)
def test_the_option_that_would_read_a_file_is_named(tmp_path, pixels, options, said):
    """Beside what is in the file."""
    save(tmp_path / "a.png", pixels)
    read = found(tmp_path, **options)
    assert said in read.missing and not read.mask.any() and read.mask.shape == LUNGS.shape


def size_of(name):
    return LUNGS.shape


def test_predictions_of_which_none_fits_are_refused_at_once(tmp_path):
    """No name, or no file that can be read as asked; a few that are missing are no mistake of the call."""
    for number in range(3):
        save(tmp_path / f"{number}.png", RIGHT + 2 * LEFT)
    find = FolderLungs(tmp_path)
    with pytest.raises(DataError, match=r"none of 2 images has a file with its name: .*contains 0\.png"):
        find.check(["x.png", "y.png"], size_of)
    with pytest.raises(DataError, match=r"the first 3 of its files cannot be used: .* --classes 1,2\.$"):
        find.check(["0.png", "1.png", "2.png", "9.png"], size_of)
    save(tmp_path / "1.png", 255 * LUNGS)
    find.check(["0.png", "1.png", "2.png", "9.png"], size_of)
    FolderLungs(tmp_path, classes=(1, 2)).check(["0.png"], size_of)
    find.check([], size_of)


@pytest.mark.parametrize("sizes", [{"0.png": (48, 64), "1.png": (24, 33)}, {"0.png": (24, 31)}])
def test_predictions_of_other_sizes_are_refused_at_once(tmp_path, sizes):
    """None of the first is of its image's size; both sizes are told."""
    for name in sizes:
        save(tmp_path / name, 255 * LUNGS)
    rows, columns = sizes["0.png"]
    with pytest.raises(DataError, match=rf"0\.png has 32 x 24 pixels, the image {columns} x {rows}; make it"):
        FolderLungs(tmp_path).check(list(sizes), sizes.get)


def test_one_prediction_that_fits_is_enough(tmp_path):
    """An image that cannot be read says nothing of the predictions; no more are read than needed."""
    for number in range(4):
        save(tmp_path / f"{number}.png", 255 * LUNGS)
    sizes = {"0.png": (1, 1), "1.png": LUNGS.shape}  # of the others no size is asked
    FolderLungs(tmp_path).check(["0.png", "1.png", "2.png", "3.png"], lambda name: sizes[name])
    FolderLungs(tmp_path).check(["0.png"], lambda name: None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"classes": (1,), "threshold": 0.5}, "give one"),
        ({"classes": (0, 1)}, "--classes 0,1: numbers are 1 to 255"),
        ({"classes": (256,)}, "numbers are 1 to 255"),
        ({"threshold": 0.0}, "between 0 and 1"),
        ({"threshold": float("nan")}, "between 0 and 1"),
    ],
)
def test_options_out_of_range(tmp_path, options, said):
    """Before a file is read."""
    save(tmp_path / "a.png", LUNGS)
    with pytest.raises(ConfigError, match=said):
        FolderLungs(tmp_path, **options)
