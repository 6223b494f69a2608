"""Points with a mass on pixels: nothing is lost inside, and each share is that of a bilinear weight."""

import numpy as np
import pytest

from cxrtk.data.phantom.frame import Frame
from cxrtk.data.phantom.splat import splat

FRAME = Frame(size=8, field_mm=16.0, centre_mm=(0.0, 0.0), tilt=0.0)  # pixels of 2 mm


def points(*at: tuple[float, float], volume: float = 40.0):
    """Points given by row and column, 0 in the middle of the first pixel."""
    row, column = (np.array(each, np.float32) for each in zip(*at, strict=True))
    return (column + 0.5) * 2 - 8, (row + 0.5) * 2 - 8, np.full(len(at), volume, np.float32)


def test_a_point_in_the_middle_of_a_pixel():
    """40 mm3 over 4 mm2 are 10 mm: 1 cm."""
    found = splat(FRAME, [points((3, 5))])
    assert found.dtype == np.float32
    assert found[3, 5] == pytest.approx(1.0) and found.sum() == pytest.approx(1.0)


def test_a_point_between_pixels_is_shared_out():
    """A quarter of the way down, half of the way to the right."""
    found = splat(FRAME, [points((3.25, 5.5))])
    assert found[3:5, 5:7] == pytest.approx(np.array([[0.375, 0.375], [0.125, 0.125]]))
    assert found.sum() == pytest.approx(1.0)


def test_parts_add_up():
    """Points of several parts in one place, and many in one part."""
    apart = [splat(FRAME, [points((2, 2))]), splat(FRAME, [points((2, 2), (4.5, 1))])]
    assert splat(FRAME, [points((2, 2)), points((2, 2), (4.5, 1))]) == pytest.approx(sum(apart))


@pytest.mark.parametrize("at", [(-1.5, 3), (3, -1.5), (8.5, 3), (3, 8.5), (1e6, 1e6)])
def test_what_falls_beside_the_image_is_lost(at):
    """And is put on no other pixel."""
    assert splat(FRAME, [points(at, (4, 4))]).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("at", [(-0.5, 3), (3, -0.5), (7.5, 3), (3, 7.5)])
def test_on_the_edge_half_is_lost(at):
    """The half that belongs to a pixel beside the image."""
    assert splat(FRAME, [points(at)]).sum() == pytest.approx(0.5)
