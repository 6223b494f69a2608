"""The air outside the body, on drawings small enough to work out by hand."""

import numpy as np
import pytest
import torch

from cxrtk import regions
from tests.data.regions.shapes import plane


def body(size=64):
    """A bright body, columns 12 to 51, with one dark lung: rows 20 to 43, columns 20 to 31."""
    pixels = np.zeros((size, size))
    pixels[:, 12:52] = 0.8
    pixels[20:44, 20:32] = 0.1
    return pixels


def test_air_is_what_is_dark_from_the_border():
    """Both sides are air, with one pixel of the body's rim; the lung is none."""
    expected = np.ones((64, 64))
    expected[:, 13:51] = 0
    assert np.array_equal(regions.outside_air(plane(body()))[0], expected)


def test_a_bright_frame_does_not_hide_the_air():
    """With a white frame two pixels wide, the same is air."""
    framed = body()
    framed[:2] = framed[-2:] = 1
    framed[:, :2] = framed[:, -2:] = 1
    assert torch.equal(regions.outside_air(plane(framed)), regions.outside_air(plane(body())))


@pytest.mark.parametrize(("width", "leaks"), [(5, False), (6, False), (9, True)])
def test_only_a_wide_passage_lets_the_air_in(width, leaks):
    """Through a gap in the chest wall of more than twice three pixels, the lung is outside too."""
    open_ = body()
    open_[30 : 30 + width, 12:20] = 0.1
    assert bool(regions.outside_air(plane(open_))[0, 35, 28]) is leaks


def test_a_dark_region_in_the_middle_is_a_lung_even_where_it_is_cut_off():
    """It reaches the lower border, but more than a third of it lies in the middle: no air."""
    cropped = np.full((64, 64), 0.8)
    cropped[16:, 20:32] = 0.1
    assert not regions.outside_air(plane(cropped)).any()
