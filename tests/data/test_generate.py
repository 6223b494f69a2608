"""Masks that a generator makes, and their pictures."""

import numpy as np
import pytest

from cxrtk import PluginBroken
from cxrtk.data import generate

PIXELS = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[None], 30, axis=0)  # (30, 40), dark to bright


def test_the_generator_cannot_change_the_pixels():
    """A generator that writes into its input does not change what is measured."""
    pixels = PIXELS.copy()
    generate.make_mask(lambda image: image.lt_(0.5), pixels)
    assert np.array_equal(pixels, PIXELS)


def test_a_generator_s_fault_names_it():
    """The message says whose mask it was."""

    class Soft:
        def __call__(self, image):
            return image

    with pytest.raises(PluginBroken, match="Soft gave a mask of"):
        generate.make_mask(Soft(), PIXELS)


def test_previews_are_small(tmp_path):
    """A preview's longest side is at most 1024, the shape kept."""
    assert generate.preview(np.zeros((3000, 1500), np.float32), np.zeros((3000, 1500), np.uint8)).size == (
        512,
        1024,
    )


def test_a_constant_image_has_a_preview():
    """No contrast to stretch is no division by zero."""
    assert generate.preview(np.full((8, 8), 0.5, np.float32), np.zeros((8, 8), np.uint8)).size == (8, 8)
