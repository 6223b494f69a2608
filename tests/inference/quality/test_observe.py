"""A model's masks against the classes of a label, by hand."""

import numpy as np
import pytest

from cxrtk.inference.quality.observe import batches, ratio_error, structure_dice

FOUR = ("right_lung", "left_lung", "heart", "lungs_with_heart")
NONE = slice(0, 0)


def masks_of(*regions):
    """(4, 8, 8) with ones in the named columns of each class."""
    masks = np.zeros((4, 8, 8), np.uint8)
    for number, columns in enumerate(regions):
        masks[number, :, columns] = 1
    return masks


MASKS = masks_of(slice(0, 2), slice(4, 6), slice(2, 4), slice(0, 8))


def test_dice_of_what_the_label_determines():
    """Both lungs and the heart of one label, and lungs with the heart of another; the rest is unknown."""
    sides = masks_of(slice(0, 2), slice(4, 8), slice(3, 5), NONE).astype(np.int8)
    sides[3] = -1
    found = structure_dice(MASKS, sides, FOUR)
    assert found["lungs"] == pytest.approx(2 * 32 / (32 + 48)) and found["heart"] == pytest.approx(0.5)
    assert np.isnan(found["lungs_with_heart"])
    whole = np.full((4, 8, 8), -1, np.int8)
    whole[3] = masks_of(NONE, NONE, NONE, slice(0, 4))[3]
    found = structure_dice(MASKS, whole, FOUR)
    assert found["lungs_with_heart"] == pytest.approx(2 * 32 / (64 + 32))
    assert np.isnan(found["lungs"]) and np.isnan(found["heart"])


def test_no_mask_of_an_image_without_lungs_is_good():
    """Not even an empty one."""
    for masks in (MASKS, np.zeros_like(MASKS)):
        found = structure_dice(masks, np.zeros((4, 8, 8), np.int8), FOUR)
        assert found == {"lungs": 0.0, "heart": 0.0, "lungs_with_heart": 0.0}


def test_a_model_of_one_class():
    """It has no heart to be compared."""
    lungs = MASKS[3:]
    assert structure_dice(lungs, lungs.astype(np.int8), ("lungs",)) == {"lungs": 1.0}


def test_the_error_of_the_ratio():
    """A heart of 2 columns in a chest of 6, and of 3 in a chest of 8."""
    truth = masks_of(slice(0, 3), slice(5, 8), slice(2, 5), NONE).astype(np.int8)
    assert ratio_error(MASKS, truth, FOUR) == pytest.approx(3 / 8 - 2 / 6, abs=1e-4)
    unknown = truth.copy()
    unknown[2] = -1
    assert np.isnan(ratio_error(MASKS, unknown, FOUR))
    assert np.isnan(ratio_error(np.zeros_like(MASKS), truth, FOUR))


def test_batches_hold_each_image_once():
    """The last one may be smaller."""
    assert list(batches(range(5), 2)) == [range(0, 2), range(2, 4), range(4, 5)]
