"""The working grid: what is refused, how images get onto it, and masks back."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from cxrtk import regions
from tests.data.regions.shapes import plane

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (torch.zeros(4, 4), "(4, 4)"),
        (torch.zeros(3, 4, 4), "(3, 4, 4)"),
        (torch.zeros(1, 0, 4), "(1, 0, 4)"),
        (torch.zeros(1, 4, 4, dtype=torch.uint8), "uint8"),
        (torch.full((1, 4, 4), 1.5), "1.5"),
        (torch.full((1, 4, 4), -0.1), "-0.1"),
        (torch.tensor([[[0.0, math.nan]]]), "nan"),
    ],
)
def test_what_is_no_grey_image_is_refused(image, says):
    """A ValueError of one line says what is wrong."""
    with pytest.raises(ValueError, match=r"^A mask generator takes") as error:
        regions.check_image(image)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(512, 512), (300, 411), (100, 60)])
def test_the_working_grid_is_pillows(shape):
    """Resizing is Pillow's antialiased bilinear one."""
    pixels = RNG.random(shape, dtype=np.float32)
    expected = np.asarray(Image.fromarray(pixels).resize((256, 256), Image.Resampling.BILINEAR))
    assert np.allclose(regions.to_working(plane(pixels))[0], expected, atol=1e-5)


def test_a_mask_grows_to_where_it_covers_half():
    """Doubled, the weights of one pixel fall as 1, 3/4, 1/4 each way: four pixels keep at least a half."""
    found = regions.to_source(plane([[1, 0], [0, 0]]), height=4, width=4)
    assert found[0].tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_the_contrast_lies_between_percentiles():
    """Of 0, 0.01, ... 1 the percentiles 1 and 99 are 0.01 and 0.99."""
    found = regions.percentile_range(plane([np.arange(101) / 100]))
    assert found == pytest.approx((0.01, 0.99))


def test_stretching_clips():
    """0.2 goes to 0, 0.6 to 1, and nothing goes beyond."""
    found = regions.stretch(plane([[0.1, 0.2, 0.3, 0.6, 0.9]]), 0.2, 0.6)
    assert found[0, 0].tolist() == pytest.approx([0, 0, 0.25, 1, 1])


def test_there_is_nothing_to_stretch_in_one_grey():
    """An empty range is an error, not a division by zero."""
    with pytest.raises(ValueError, match="No contrast"):
        regions.stretch(plane([[0.5, 0.5]]), 0.5, 0.5)
