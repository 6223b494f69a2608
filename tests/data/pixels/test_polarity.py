"""The contrast of the middle against the fields beside it, on drawings whose contrast is known."""

import numpy as np
import pytest

from cxrtk.data.phantom import draw
from cxrtk.data.pixels.polarity import density_contrast, looks_inverted, polarity_flag


def chest(height: int = 64, width: int = 64, *, middle: float = 0.9, lungs: float = 0.1) -> np.ndarray:
    """Two lungs beside a middle, in a frame of half grey; 64ths of height and width."""
    pixels = np.full((64, 64), 0.5, np.float32)
    pixels[18:38, 10:22] = pixels[18:38, 42:54] = lungs
    pixels[16:48, 26:38] = middle
    rows, columns = (np.arange(length) * 64 // length for length in (height, width))
    return pixels[rows][:, columns]


@pytest.mark.parametrize(
    ("middle", "lungs", "contrast"), [(0.9, 0.1, 1.0), (0.1, 0.9, -1.0), (0.5, 0.5, 0.0)]
)
def test_by_hand(middle, lungs, contrast):
    """Middle and lungs at the two ends of the scale; and no contrast in one grey."""
    assert density_contrast(chest(middle=middle, lungs=lungs)) == pytest.approx(contrast)


@pytest.mark.parametrize("size", [(64, 64), (128, 192), (300, 211), (2048, 2500)])
def test_the_size_does_not_matter(size):
    """The same drawing at any size, and as wide as it likes."""
    assert density_contrast(chest(*size, middle=0.7, lungs=0.2)) == pytest.approx(1.0, abs=0.06)
    assert looks_inverted(1 - chest(*size)) and not looks_inverted(chest(*size))


@pytest.mark.parametrize("shape", [(63, 64), (64, 63), (63, 500)])
def test_what_is_too_small_is_not_judged(shape):
    """Neither way."""
    assert density_contrast(1 - chest(*shape)) == 0.0


def test_a_scratch_does_not_set_the_scale():
    """One pixel in a hundred, of any value, is beyond the percentiles."""
    pixels = chest(middle=0.6, lungs=0.4)
    plain = density_contrast(pixels)
    pixels[0, :40] = 1000.0
    assert density_contrast(pixels) == pytest.approx(plain)


def test_the_middle_half_of_the_way():
    """Grey 0.7 between lungs of 0.3 on a scale from 0.1 to 0.9, which a bright and a dark band set: 0.5."""
    pixels = chest(middle=0.7, lungs=0.3)
    pixels[:2], pixels[-2:] = 0.1, 0.9
    assert density_contrast(pixels) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(3))
def test_a_phantom_and_its_negative(seed):
    """Drawn chests are upright, their negatives are flagged with the contrast in words."""
    pixels = draw(seed, 128).pixels
    assert polarity_flag(pixels) == {} and density_contrast(pixels) > 0.05
    said = polarity_flag(1 - pixels)["looks_inverted"]
    assert said == f"contrast of the middle {density_contrast(1 - pixels):.2f}"
