"""Connected regions by runs are those of SciPy, which goes by pixels."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk.models.components import largest


def by_scipy(mask, count):
    """The `count` largest regions, the later ones of equal ones, with their holes filled."""
    regions, found = ndimage.label(mask, np.ones((3, 3)))
    sizes = np.bincount(regions.ravel(), minlength=found + 1)
    sizes[0] = 0
    chosen = np.argsort(sizes, kind="stable")[::-1][:count]
    return ndimage.binary_fill_holes(np.isin(regions, chosen[chosen > 0]))


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.41, 0.5, 0.6, 0.9])
def test_regions_of_noise_are_those_of_scipy(share, count):
    """Noise has regions of equal size, corners that touch, and holes in holes; smoothed noise has organs'."""
    generator = np.random.default_rng(7)
    for height, width in [(1, 1), (1, 9), (7, 1), (5, 6), (40, 31), (64, 64)]:
        for _ in range(12):
            noise = generator.random((height, width))
            for field in (noise, ndimage.uniform_filter(noise, 5)):
                mask = field < np.quantile(field, share)
                assert np.array_equal(largest(mask, count), by_scipy(mask, count))


@pytest.mark.parametrize("value", [False, True])
def test_masks_of_one_value_stay(value):
    """A mask that is empty, or full to its borders."""
    mask = np.full((9, 12), value)
    assert np.array_equal(largest(mask, 1), mask)


def test_a_spiral_is_one_region():
    """Its runs meet only at its turns, so that its labels have the longest way."""
    mask = np.zeros((61, 61), bool)
    for ring in range(0, 30, 2):
        mask[ring, max(ring - 2, 0) : 61 - ring] = mask[ring : 61 - ring, 60 - ring] = True
        mask[60 - ring, ring : 61 - ring] = mask[ring + 2 : 61 - ring, ring] = True
    assert np.array_equal(largest(mask, 1), by_scipy(mask, 1))
    assert largest(mask, 1).sum() > 1500


def test_a_comb_is_joined_from_below():
    """Regions that begin apart and meet in the last row are one."""
    mask = np.zeros((20, 41), bool)
    mask[:, ::2] = True
    mask[-1] = True
    assert np.array_equal(largest(mask, 1), mask)
