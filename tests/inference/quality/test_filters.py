"""The filters of the signs are SciPy's."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk.inference.quality.filters import dilated, eroded, smoothed


@pytest.mark.parametrize("shape", [(64, 64), (50, 91), (12, 200)])
@pytest.mark.parametrize("width", [1, 3, 9, 13, 41])
def test_erosion_and_dilation_equal_scipys(shape, width):
    """Squares of any odd width, also wider than the image, and regions at the border."""
    noise = np.random.default_rng(width).random(shape)
    for share in (0.003, 0.2, 0.9, 0.999):
        mask = (noise < share).astype(np.uint8)
        assert np.array_equal(dilated(mask, width), ndimage.maximum_filter(mask, width))
        assert np.array_equal(eroded(mask, width), ndimage.minimum_filter(mask, width))


@pytest.mark.parametrize("deviation", [0.6, 1.0, 2.3])
def test_a_gaussian_equals_scipys_to_the_bit(deviation):
    """In double precision along each axis, rounded between the two."""
    picture = np.random.default_rng(1).random((70, 43), dtype=np.float32)
    assert np.array_equal(smoothed(picture, deviation), ndimage.gaussian_filter(picture, deviation))
