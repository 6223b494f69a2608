"""Small pictures and layers, against arrays that were written by hand."""

import io

import numpy as np
from PIL import Image

from cxrtk.report import pictures

COLOUR = (10, 200, 30)


def rgba(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def test_shrinking_is_a_mean():
    """Each new pixel is the mean of the square it covers."""
    pixels = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert pictures.shrink(pixels, (2, 2)).tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_coverage_is_a_share():
    """Of each new pixel, of 255."""
    mask = np.array([[1, 1, 0, 0], [1, 1, 0, 1]], np.uint8)
    assert pictures.coverage(mask, (1, 2)).tolist() == [[255, 64]]


def test_a_layer():
    """One colour: plain along its edge, faint inside, none outside; the picture's border is no edge."""
    covered = np.zeros((7, 7), np.uint8)
    covered[2:, 1:6] = 255
    layer = rgba(pictures.layer_png(covered, COLOUR))
    faint = round(round(15 * pictures.FILL) * 255 / 15)
    expected = np.zeros((7, 7), int)
    expected[2:, 1:6] = 255
    expected[3:, 2:5] = faint
    assert layer[..., 3].tolist() == expected.tolist()
    assert (layer[..., :3][layer[..., 3] > 0] == COLOUR).all()


def test_a_layer_has_few_colours():
    """So that it is small: 4 bits a pixel."""
    image = Image.open(io.BytesIO(pictures.layer_png(np.full((8, 8), 99, np.uint8), COLOUR)))
    assert image.mode == "P" and len(set(np.asarray(image).ravel())) <= pictures.LEVELS
    assert pictures.layer_png(np.full((8, 8), 99, np.uint8), COLOUR)[24] == 4  # bit depth in the PNG's header


def test_empty_masks_have_no_layer():
    """There is nothing to show."""
    style = pictures.LayerStyle("heart", "Heart", COLOUR)
    made = pictures.picture_of(np.zeros((4, 6), np.uint8), [(style, np.zeros((8, 12), np.uint8))])
    assert (made.width, made.height, made.layers) == (6, 4, ())


def test_a_plain_image_stays_plain():
    """No contrast is invented where there is none, and nothing is divided by zero."""
    assert (pictures.stretched(np.full((4, 4), 0.5, np.float32)) == 0).all()
