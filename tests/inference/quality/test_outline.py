"""Signs of outlines, on shapes whose numbers are known by hand."""

import numpy as np
import pytest

from cxrtk.inference.quality.outline import edge_gradient, edge_share, solidity


def disc(radius=20, size=64):
    rows, columns = np.mgrid[:size, :size] - size // 2
    return (rows**2 + columns**2 <= radius**2).astype(np.uint8)


def box(height, width, size=64):
    mask = np.zeros((size, size), np.uint8)
    mask[5 : 5 + height, 7 : 7 + width] = 1
    return mask


def test_what_is_convex_is_solid():
    """A box fills its hull; a disc does but for the corners of its pixels."""
    assert solidity(box(20, 30)) == pytest.approx(1)
    assert 0.95 < solidity(disc()) <= 1


def test_a_notch_is_missing_from_the_hull():
    """A box of 20 x 30 without 10 x 10 of its lower edge: 500 of 600 pixels."""
    notched = box(20, 30)
    notched[15:25, 17:27] = 0
    assert solidity(notched) == pytest.approx(500 / 600)


def test_specks_are_not_solid():
    """Two discs far apart fill little of the hull of both."""
    specks = np.zeros((64, 64), np.uint8)
    specks[2:8, 2:8] = specks[56:62, 56:62] = 1
    assert solidity(specks) < 0.2


def test_a_dark_disc_has_an_edge_everywhere():
    """In every sector the picture is denser outside."""
    mask = disc()
    assert edge_share(mask, np.where(mask, 0.2, 0.6).astype(np.float32)) == 1


def test_half_of_the_outline_follows_no_edge():
    """Where the left half of the picture is one grey level, there are edges on the right only."""
    mask = disc()
    picture = np.where(mask, 0.2, 0.6)
    picture[:, :32] = 0.6
    assert edge_share(mask, picture.astype(np.float32)) == pytest.approx(0.5, abs=1 / 16)


@pytest.mark.parametrize("picture", [np.full((64, 64), 0.5), np.where(disc(), 0.6, 0.2)])
def test_no_edge_or_the_wrong_way_round(picture):
    """A flat picture, and a mask of something denser than what is around it."""
    assert edge_share(disc(), picture.astype(np.float32)) == 0


def test_the_gradient_of_a_ramp():
    """Along the outline of a box too, a ramp rises by its slope a pixel, whichever way it runs."""
    rows, columns = np.mgrid[:64, :64].astype(np.float32)
    assert edge_gradient(box(20, 30), rows * 0.01) == pytest.approx(0.01, rel=1e-4)
    assert edge_gradient(box(20, 30), (3 * rows + 4 * columns) / 1000) == pytest.approx(0.005, rel=1e-4)


def test_the_gradient_away_from_the_outline_does_not_count():
    """A flat picture around the outline, and another grey level deep inside and far away."""
    mask, picture = box(30, 30), np.full((64, 64), 0.5, np.float32)
    picture[15:25, 15:25] = picture[50:] = 0.1
    assert edge_gradient(mask, picture) == 0
    assert edge_gradient(np.zeros((64, 64), np.uint8), picture) == 0


@pytest.mark.parametrize("mask", [np.zeros((64, 64), np.uint8), box(2, 3), box(1, 60)])
def test_small_masks_are_nothing(mask):
    """Numbers all the same; a line of pixels has a hull too."""
    assert solidity(mask) in (0.0, pytest.approx(1))
    flat = np.full((64, 64), 0.5, np.float32)
    assert 0 <= edge_share(mask, flat) <= 1
    assert edge_gradient(mask, flat) == 0


def test_a_mask_that_fills_the_image():
    """There is no outside, and so no edge."""
    assert solidity(np.ones((64, 64), np.uint8)) == pytest.approx(1)
    assert edge_share(np.ones((64, 64), np.uint8), np.zeros((64, 64), np.float32)) == 0
