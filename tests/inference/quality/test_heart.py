"""Signs of the heart, of the ratio and of the lungs drawn through the heart, on drawn masks, by hand."""

import numpy as np
import pytest

from cxrtk.inference.quality.heart import heart_signs, ratio_spread, united_signs
from cxrtk.models.postprocess import binary, clean
from cxrtk.models.views import combined

CLASSES = ("right_lung", "left_lung", "heart", "lungs_with_heart")


def views(change=lambda masks: masks) -> np.ndarray:
    """(3, 4, 64, 64): two lungs of 640 pixels, a heart of 256, and all as one; the mirrored view changed."""
    masks = np.full((4, 64, 64), 0.01, np.float32)
    masks[0, 10:50, 8:24] = masks[1, 10:50, 40:56] = masks[2, 34:50, 24:40] = 0.99
    masks[3] = masks[:3].max(axis=0)
    return np.stack([masks, masks, change(masks.copy())])


def found(several, sign=heart_signs):
    raw = binary(combined(several), CLASSES, 0.5)
    kept = clean(raw, CLASSES)
    return sign(several, CLASSES, 0.5, *((raw, kept) if sign is heart_signs else (kept,)))


def test_a_heart_that_the_mirror_image_moves():
    """By 4 of its 16 rows: Dice 12 / 16 by hand."""

    def moved(masks):
        return np.stack([masks[0], masks[1], np.roll(masks[2], 4, axis=0), masks[3]])

    numbers = found(views(moved))
    assert numbers["heart_agreement"] == pytest.approx(0.75) and numbers["heart_stability"] == 1
    assert numbers["heart_fragments"] == 0 and numbers["heart_solidity"] == pytest.approx(1)
    assert numbers["ratio_spread"] == 0  # moved down it is as wide as before


def test_the_share_of_the_heart():
    """256 of 1280 pixels."""
    assert found(views())["heart_share"] == pytest.approx(0.2)


def test_the_spread_of_the_ratio():
    """A heart of 16 of 48 columns in two views, and of 8 in the third."""

    def narrow(masks):
        masks[2, :, 32:] = 0.01
        return masks

    spread = np.std([16 / 48, 16 / 48, 8 / 48])
    assert ratio_spread(views(narrow), CLASSES, 0.5) == pytest.approx(spread, abs=1e-4)


def test_a_view_without_a_heart():
    """Its ratio counts as 0."""

    def none(masks):
        masks[2] = 0.01
        return masks

    assert ratio_spread(views(none), CLASSES, 0.5) == pytest.approx(np.std([1 / 3, 1 / 3, 0]), abs=1e-4)


def test_lungs_and_heart_against_what_is_drawn_through_the_heart():
    """They have 1536 pixels, the output that lacks the heart 1280: Dice by hand."""
    masks = views()
    masks[:, 3] = masks[:, :2].max(axis=1)
    assert found(masks, united_signs)["with_heart"] == pytest.approx(2 * 1280 / (1536 + 1280))


def test_lungs_with_the_heart_that_the_mirror_image_moves():
    """By 4 rows: 1536 pixels, of which the 4 upper rows of each column are not shared."""

    def moved(masks):
        masks[3] = np.roll(masks[3], 4, axis=0)
        return masks

    numbers = found(views(moved), united_signs)
    shared = 1536 - 4 * (16 + 16 + 16)
    assert numbers["united_agreement"] == pytest.approx(shared / 1536) and numbers["united_stability"] == 1


def test_entropy_of_the_lungs_with_the_heart():
    """0.99 inside and 0.01 outside have the same entropy: that of all 4096 pixels over 1536."""
    bits = -(0.99 * np.log2(0.99) + 0.01 * np.log2(0.01))
    assert found(views(), united_signs)["united_entropy"] == pytest.approx(bits * 4096 / 1536, rel=1e-4)
