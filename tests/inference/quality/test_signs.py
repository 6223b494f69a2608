"""Signs of drawn masks, by hand."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk.inference.quality.signs import shape_of, signs

CLASSES = ("right_lung", "left_lung", "heart")
GREY = np.linspace(0, 1, 80 * 80, dtype=np.float32).reshape(80, 80)


def views(change=lambda masks: masks) -> np.ndarray:
    """(3, 3, 64, 64): two lungs and a heart, almost sure; the mirrored view changed."""
    masks = np.full((3, 64, 64), 0.01, np.float32)
    masks[0, 10:50, 8:24] = masks[1, 10:50, 40:56] = masks[2, 34:50, 24:40] = 0.99
    return np.stack([masks, masks, change(masks.copy())])


def shifted(masks):
    return np.roll(masks, 8, axis=1)


def test_shapes_by_hand():
    """A rectangle of 40 x 16 in 64: its area's root, centre, sides and spreads."""
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 10:50, 8:24] = 1
    expected = [np.sqrt(640), 29.5, 15.5, 39, 15, np.sqrt((40**2 - 1) / 12), np.sqrt((16**2 - 1) / 12)]
    assert shape_of(mask) == pytest.approx([number / 64 for number in expected])
    assert shape_of(np.zeros((1, 64, 64), np.uint8)) == [0.0] * 7


def test_signs_of_a_good_mask():
    """Agreement 1, no fragments, equal lungs, little entropy."""
    found = signs(views(), CLASSES, 0.5, GREY)
    assert found["agreement"] == found["side_agreement"] == 1
    assert found["fragments"] == 0 and found["smaller_lung"] == 0.5
    assert found["area"] == pytest.approx(2 * 640 / 4096)
    bits = -(0.99 * np.log2(0.99) + 0.01 * np.log2(0.01))
    assert found["entropy"] == pytest.approx(bits * 4096 / 1280, rel=1e-4)


def test_signs_of_a_view_that_disagrees():
    """Moved by 8 of 40 rows: Dice 32 / 40 by hand."""
    assert signs(views(shifted), CLASSES, 0.5, GREY)["agreement"] == pytest.approx(0.8)


def test_signs_of_a_moved_view_that_disagrees():
    """Likewise, and the mask is made of both."""
    unstable = views()
    unstable[1] = shifted(unstable[1])
    found = signs(unstable, CLASSES, 0.5, GREY)
    assert found["stability"] == pytest.approx(0.8) and found["agreement"] == 1
    assert found["area"] == pytest.approx(2 * 16 * 48 / 4096)  # at half and half, both count


def test_signs_of_one_side_that_disagrees():
    """The worse lung is what counts there."""
    only_left = signs(views(lambda m: np.stack([m[0], np.roll(m[1], 8, axis=0), m[2]])), CLASSES, 0.5, GREY)
    assert only_left["side_agreement"] == pytest.approx(0.8)
    assert only_left["agreement"] == pytest.approx(0.9)


def test_signs_of_crumbs():
    """A fifth of the mask lies elsewhere and is removed."""

    def crumbs(masks):
        masks[:, 54:64, :32] = 0.01
        masks[0, 54:64, :32] = 0.99
        return masks

    both = views(crumbs)
    both[:] = both[2]
    assert signs(both, CLASSES, 0.5, GREY)["fragments"] == pytest.approx(320 / 1600)


def test_a_blurred_picture_has_faint_outlines():
    """Lungs of one grey level on another: a blur of eight pixels leaves less than half of the gradient."""
    sharp = np.where(views()[0, :2].max(axis=0) > 0.5, 0.2, 0.7).astype(np.float32)
    blurred = ndimage.gaussian_filter(sharp, 8)
    clear, faint = (signs(views(), CLASSES, 0.5, picture)["edge_gradient"] for picture in (sharp, blurred))
    assert 0 < faint < clear / 2


def test_the_gradient_does_not_depend_on_the_contrast():
    """It is measured in standard deviations of the picture."""
    one, half = (signs(views(), CLASSES, 0.5, GREY * share)["edge_gradient"] for share in (1, 0.5))
    assert half == pytest.approx(one, rel=0.01)


def test_signs_of_nothing():
    """Numbers all the same."""
    found = signs(np.full((3, 3, 64, 64), 0.01, np.float32), CLASSES, 0.5, GREY)
    assert found["area"] == 0 and np.isfinite(list(found.values())).all()


def test_doubt_within_and_without():
    """Half a bit of doubt well inside the lungs, and far from them, is told apart."""
    masks = views()
    masks[:, :2, 28:32, 14:18] = 0.5  # one bit in 16 of the pixels that are well inside
    inside = signs(masks, CLASSES, 0.5, GREY)["inner_entropy"]
    plain = signs(views(), CLASSES, 0.5, GREY)["inner_entropy"]
    well_inside = 2 * (40 - 12) * (16 - 12)  # rows and columns of both lungs, less six on every side
    assert inside - plain == pytest.approx(16 * (1 - plain) / well_inside, rel=0.01)
    masks = views()
    masks[:, 0, 60:64, 60:64] = 0.45
    far = signs(masks, CLASSES, 0.5, GREY)
    assert far["outer_entropy"] > signs(views(), CLASSES, 0.5, GREY)["outer_entropy"]


def test_a_model_without_a_heart_has_no_sign_of_it():
    """Nor of what is drawn through it."""
    found = signs(views()[:, :2], CLASSES[:2], 0.5, GREY)
    assert not [name for name in found if "heart" in name]
