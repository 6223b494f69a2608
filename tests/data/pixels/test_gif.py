"""Masks in GIF files."""

import time

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, pixels

MASK = np.zeros((20, 30), np.uint8)
MASK[3:9, 4:20] = 1


def palette(indices, *colours):
    """A palette image of the numbers in `indices`."""
    image = Image.new("P", indices.shape[::-1])
    image.putpalette([value for colour in colours for value in colour])
    image.frombytes(indices.tobytes())
    return image


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(MASK * 255),
        palette(MASK, (0, 0, 0), (255, 255, 255)),
        palette(1 - MASK, (255, 255, 255), (0, 0, 0)),
        palette(MASK, (0, 0, 0), (1, 1, 1)),
        palette(MASK, (0, 0, 0), (200, 0, 0)),
    ],
    ids=["grey", "black and white", "white first", "nearly black", "red"],
)
def test_black_is_outside(tmp_path, image):
    """Colours decide, not the numbers of a palette."""
    image.save(tmp_path / "a.gif")
    assert np.array_equal(pixels.read_gif_mask(tmp_path / "a.gif"), MASK)


def test_an_empty_mask_is_one(tmp_path):
    """All black is a mask of zeros."""
    Image.new("L", (30, 20)).save(tmp_path / "a.gif")
    assert not pixels.read_gif_mask(tmp_path / "a.gif").any()


def test_three_colours_are_refused(tmp_path):
    """No threshold is guessed."""
    palette(MASK + MASK[::-1] * 2, (0, 0, 0), (90, 90, 90), (180, 180, 180), (255, 255, 255)).save(
        tmp_path / "a.gif"
    )
    with pytest.raises(CxrReadError, match=r"a\.gif: holds \d colours besides black"):
        pixels.read_gif_mask(tmp_path / "a.gif")


def test_many_colours_are_refused_without_sorting_millions_of_pixels(tmp_path):
    """Counted in the processor's time; sorting them took four seconds of it."""
    noise = np.random.default_rng(0).integers(0, 200, (51264, 48), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.gif")
    began = time.process_time()
    with pytest.raises(CxrReadError, match=r"a\.gif: holds 199 colours besides black"):
        pixels.read_gif_mask(tmp_path / "a.gif")
    assert time.process_time() - began < 1


def test_an_animation_is_refused(tmp_path):
    """One mask a file."""
    frames = [Image.fromarray(MASK * 255), Image.fromarray(255 - MASK * 255)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(CxrReadError, match="holds 2 frames"):
        pixels.read_gif_mask(tmp_path / "a.gif")


@pytest.mark.parametrize("cut", [0, 3, 6, 12, 40, -8])
def test_a_cut_file_is_refused(tmp_path, cut):
    """A part of a file is never a part of a mask."""
    noise = np.random.default_rng(0).integers(0, 2, (64, 64), dtype=np.uint8)
    Image.fromarray(noise * 255).save(tmp_path / "whole.gif")
    (tmp_path / "a.gif").write_bytes((tmp_path / "whole.gif").read_bytes()[:cut])
    with pytest.raises(CxrReadError, match=r"a\.gif: is "):
        pixels.read_gif_mask(tmp_path / "a.gif")
