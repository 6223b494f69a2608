"""Where a mask lies, against sums by hand; and that hand-drawn masks raise nothing."""

import numpy as np
import pytest

from cxrtk import readers
from cxrtk.data.check.masks import centre, lesser_side, mask_issues


def drawn(height: int, width: int, *boxes: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


@pytest.mark.parametrize(
    ("mask", "expected", "share"),
    [
        (drawn(10, 20, (0, 10, 0, 20)), (0.5, 0.5), 0.5),
        (drawn(10, 20, (0, 1, 0, 1)), (0.05, 0.025), 0.0),
        (drawn(10, 20, (2, 4, 0, 5), (2, 4, 15, 20)), (0.3, 0.5), 0.5),
        (drawn(10, 20, (5, 10, 0, 15)), (0.75, 0.375), 1 / 3),
        (drawn(4, 5, (0, 4, 0, 3)), (0.5, 0.3), 1 / 6),  # the third of five columns is the middle
    ],
)
def test_centre_and_sides(mask, expected, share):
    """Centres of rectangles are their middles; the lesser side is counted by columns."""
    assert centre(mask) == pytest.approx(expected)
    assert lesser_side(mask) == pytest.approx(share)


@pytest.mark.parametrize("name", ["jsrt", "openist", "covid_v7", "kermany_v7"])
def test_masks_drawn_by_hand(cxrtk_data, name):
    """None of 881 is suspicious, in either convention on the heart; here every fifth is looked at."""
    reader = readers.create("image_mask_folder", root=cxrtk_data / name)
    for item in reader.items()[::5]:
        assert list(mask_issues(reader.read_label(item))) == [], item["image"]
