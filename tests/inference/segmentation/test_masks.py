"""From the network's grid to the image: the right size and place, smooth outlines."""

import numpy as np
import pytest

from cxrtk.inference.segmentation.masks import at_size
from cxrtk.models.postprocess import binary


def test_an_asymmetric_shape_keeps_its_place():
    """A rectangle on the grid is the same rectangle, scaled, in the image: to half a pixel of the grid."""
    grid = np.zeros((1, 64, 64), np.float32)
    grid[0, 8:24, 40:56] = 1.0
    mask = binary(at_size(grid, (320, 192)), ("lungs",))[0]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert abs(rows[0] - 8 * 5) <= 2 and abs(rows[-1] + 1 - 24 * 5) <= 2
    assert abs(columns[0] - 40 * 3) <= 1 and abs(columns[-1] + 1 - 56 * 3) <= 1


def test_outlines_are_smooth():
    """Thresholds come after resampling: a disc of 12 pixels, 16 times as large, is off by less than 2 %."""
    y, x = np.mgrid[:64, :64] - 31.5
    disc = np.clip(12 - np.hypot(x, y) + 0.5, 0, 1).astype(np.float32)[None]
    area = binary(at_size(disc, (1024, 1024)), ("lungs",)).sum()
    assert area == pytest.approx(np.pi * (12 * 16) ** 2, rel=0.02)
