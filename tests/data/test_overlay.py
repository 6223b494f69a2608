"""Overlays: colours, outlines and refusals, against values computed by hand."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk.data.overlay import MASK_COLOUR, TRUTH_COLOUR, outline, overlay


def square(side: int = 8, low: int = 2, high: int = 6) -> np.ndarray:
    mask = np.zeros((side, side), dtype=bool)
    mask[low:high, low:high] = True
    return mask


@pytest.mark.parametrize(
    ("alpha", "inside"),
    [
        (0.0, (51, 51, 51)),
        (0.4, (65, 103, 124)),  # 0.6 * 51 + 0.4 * (86, 180, 233) = 65.0, 102.6, 123.8
        (1.0, MASK_COLOUR),
    ],
)
def test_fill_is_a_blend(alpha, inside):
    """Inside the mask, colour and grey are mixed by alpha; outside stays grey."""
    rgb = overlay(np.full((8, 8), 0.2), square(), alpha=alpha)
    assert rgb.dtype == np.uint8 and rgb.shape == (8, 8, 3)
    assert tuple(rgb[3, 3]) == inside
    assert tuple(rgb[0, 0]) == (51, 51, 51)


def test_truth_is_outlined():
    """The truth shows as a closed orange line, its inside unchanged."""
    rgb = overlay(np.zeros((8, 8)), np.zeros((8, 8)), truth=square())
    orange = (rgb == TRUTH_COLOUR).all(axis=2)
    assert orange.sum() == 12  # the rim of a 4 x 4 square
    assert not rgb[3:5, 3:5].any()


def test_contour_draws_no_fill():
    """With contour, the inside of the mask keeps the image."""
    rgb = overlay(np.zeros((8, 8)), square(), contour=True)
    assert tuple(rgb[2, 2]) == MASK_COLOUR
    assert not rgb[3:5, 3:5].any()


@pytest.mark.parametrize("width", [1, 2, 3])
def test_outline_is_what_erosion_removes(width):
    """The outline is the mask less its erosion by the 4-neighbour cross, as scipy computes it."""
    mask = np.random.default_rng(0).random((40, 50)) > 0.2
    eroded = ndimage.binary_erosion(mask, iterations=width, border_value=1)
    assert (outline(mask, width) == (mask & ~eroded)).all()


def test_values_outside_are_clipped():
    """Noise below 0 and above 1 is drawn black and white, not wrapped round."""
    rgb = overlay(np.array([[-0.5, 1.5]]), np.zeros((1, 2)))
    assert rgb[0, 0].tolist() == [0, 0, 0] and rgb[0, 1].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("image", "mask", "arguments", "message"),
    [
        (np.zeros((1, 4, 4)), np.zeros((4, 4)), {}, r"image must be \(H, W\), not \(1, 4, 4\)"),
        (np.zeros((4, 4)), np.zeros((4, 5)), {}, r"mask is \(4, 5\), but the image is \(4, 4\)"),
        (np.zeros((4, 4)), np.zeros((4, 4)), {"truth": np.zeros((2, 2))}, r"truth is \(2, 2\)"),
        (np.zeros((4, 4)), np.zeros((4, 4)), {"alpha": 1.5}, "alpha"),
        (np.full((4, 4), np.nan), np.zeros((4, 4)), {}, "NaN"),
    ],
)
def test_refusals(image, mask, arguments, message):
    """What does not fit is refused, saying which part."""
    with pytest.raises(ValueError, match=message):
        overlay(image, mask, **arguments)
