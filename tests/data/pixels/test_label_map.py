"""Masks as one number a pixel."""

import numpy as np

from cxrtk import pixels


def test_lungs_are_drawn_over_the_heart():
    """In the order of the numbers, whatever that of the classes; a class without a number is left out."""
    masks = np.zeros((4, 1, 5), np.uint8)
    masks[0, 0, :3] = masks[1, 0, 2:] = masks[2, 0] = masks[3, 0] = 1
    found = pixels.label_map(masks[:3], ("heart", "right_lung", "rib"))
    assert found.tolist() == [[3, 3, 1, 1, 1]]
