"""The cardiothoracic ratio of drawn masks, by hand."""

import numpy as np
import pytest

from cxrtk.cardiothoracic import cardiothoracic_ratio
from tests.drawn_chest import CLASSES, shapes


def test_by_hand():
    """Twelve columns of thirty."""
    assert cardiothoracic_ratio(dict(zip(CLASSES, shapes(), strict=True))) == pytest.approx(12 / 30)


@pytest.mark.parametrize("missing", CLASSES)
def test_without_one_of_its_structures(missing):
    """Empty, or not among the masks."""
    masks = dict(zip(CLASSES, shapes(), strict=True))
    assert cardiothoracic_ratio({**masks, missing: masks[missing] * 0}) is None
    del masks[missing]
    assert cardiothoracic_ratio(masks) is None


def test_the_ratio_of_lungs_that_share_no_row():
    """There is no chest's width to divide by."""
    masks = shapes()
    masks[1] = np.roll(masks[1], 18, axis=0)
    masks[1, :25] = 0
    assert cardiothoracic_ratio(dict(zip(CLASSES, masks, strict=True))) is None


def test_the_chest_is_measured_where_it_is_widest():
    """In a row in which both lungs are, whatever one of them does in others."""
    masks = np.zeros((3, 20, 60), np.uint8)
    masks[0, 4:8, 20:25], masks[0, 8:12, 10:25] = 1, 1  # from column 10 on in four rows
    masks[1, 4:8, 40:50], masks[1, 14:16, 40:60] = 1, 1  # to column 59, but in rows without the right lung
    masks[1, 8:10, 40:45] = 1
    masks[2, 9, 28:40] = 1
    found = cardiothoracic_ratio(dict(zip(CLASSES, masks, strict=True)))
    assert found == pytest.approx(12 / 35, abs=5e-5)  # columns 10 to 44; above it is 20 to 49
