"""From probabilities to masks: no pixel in both lungs, one region each, no holes."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk.models.postprocess import binary, clean

BOTH = ("right_lung", "left_lung")


def test_a_pixel_belongs_to_the_likelier_lung():
    """Where both are above the threshold; the threshold itself counts as above."""
    probabilities = np.array([[[0.9, 0.6, 0.5, 0.2]], [[0.6, 0.9, 0.2, 0.5]]], np.float32)
    assert binary(probabilities, BOTH).tolist() == [[[1, 0, 1, 0]], [[0, 1, 0, 1]]]


def test_the_threshold_is_a_choice():
    """0.95 leaves nothing of 0.9."""
    assert binary(np.full((1, 2, 2), 0.9, np.float32), ("lungs",), 0.95).sum() == 0


def test_the_largest_region_without_holes():
    """Of each lung; what was handed in stays."""
    mask = np.zeros((2, 20, 20), np.uint8)
    mask[0, 2:10, 2:8] = 1
    mask[0, 5, 5] = 0  # a hole
    mask[0, 15:17, 15:17] = 1  # a crumb
    before = mask.copy()
    cleaned = clean(mask, BOTH)
    assert cleaned[0, 2:10, 2:8].all() and cleaned[0].sum() == 48
    assert cleaned[1].sum() == 0
    assert (mask == before).all()


def test_two_regions_where_lungs_are_one_class():
    """The third goes."""
    mask = np.zeros((1, 20, 20), np.uint8)
    mask[0, 2:10, 2:8] = mask[0, 2:10, 12:18] = mask[0, 18, 18] = 1
    assert clean(mask, ("lungs",))[0].sum() == 96


def test_regions_that_touch_at_a_corner_are_one():
    """As scikit-image's full connectivity."""
    mask = np.zeros((1, 8, 8), np.uint8)
    mask[0, :3, :3] = mask[0, 3:6, 3:6] = 1
    assert clean(mask, ("heart",))[0].sum() == 18


def test_fewer_regions_than_there_may_be():
    """One region where lungs are one class, and an empty mask: nothing is added to make two."""
    mask = np.zeros((2, 20, 20), np.uint8)
    mask[0, 2:10, 2:8] = 1
    assert np.array_equal(clean(mask, ("lungs", "heart")), mask)


@pytest.mark.parametrize(
    "classes", [("left_lung", "heart", "right_lung"), ("right_lung", "heart", "left_lung")]
)
def test_sides_are_found_by_name(classes):
    """Wherever they stand; of two equally likely ones the right one has the pixel, and the heart its own."""
    probabilities = np.full((3, 1, 2), 0.8, np.float32)
    probabilities[classes.index("left_lung"), 0, 1] = 0.9
    masks = dict(zip(classes, binary(probabilities, classes)[:, 0].tolist(), strict=True))
    assert masks == {"right_lung": [1, 0], "left_lung": [0, 1], "heart": [1, 1]}


def test_without_both_sides_nothing_is_shared_out():
    """One side alone keeps all of its pixels."""
    probabilities = np.array([[[0.6, 0.9]], [[0.9, 0.6]]], np.float32)
    assert binary(probabilities, ("right_lung", "heart")).tolist() == [[[1, 1]], [[1, 1]]]


def test_a_region_of_one_pixel_is_one():
    """It stays where there is no larger one."""
    mask = np.zeros((1, 8, 8), np.uint8)
    mask[0, 3, 4] = 1
    assert np.array_equal(clean(mask, ("heart",)), mask)


@pytest.mark.parametrize("seed", range(40))
def test_holes_are_those_of_scipy(seed):
    """Of random blobs, some of which touch the border: the largest region of each, filled."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.random(rng.integers(3, 70, 2)), rng.uniform(0.3, 3))
    blobs = (noise > np.quantile(noise, rng.uniform(0.1, 0.9))).astype(np.uint8)
    regions, _ = ndimage.label(blobs, np.ones((3, 3)))
    sizes = np.bincount(regions.ravel())[1:]
    largest = sizes.size - sizes[::-1].argmax()  # the last one of regions of equal size
    expected = ndimage.binary_fill_holes(regions == largest)
    assert (clean(blobs[None], ("heart",))[0] == expected).all()
