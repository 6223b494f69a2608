"""From the network's grid to the image: the right size and place, smooth outlines."""

import numpy as np
import pytest
from scipy import ndimage

from cxrtk.inference.segmentation.masks import at_size, cut, masks_of
from cxrtk.models.postprocess import binary, clean


def test_an_asymmetric_shape_keeps_its_place():
    """A rectangle on the grid is the same rectangle, scaled, in the image: to half a pixel of the grid."""
    grid = np.zeros((1, 64, 64), np.float32)
    grid[0, 8:24, 40:56] = 1.0
    mask = binary(at_size(grid, (320, 192)), ("lungs",))[0]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert abs(rows[0] - 8 * 5) <= 2 and abs(rows[-1] + 1 - 24 * 5) <= 2
    assert abs(columns[0] - 40 * 3) <= 1 and abs(columns[-1] + 1 - 56 * 3) <= 1


def test_outlines_are_smooth():
    """Thresholds come after resampling: a disc of 12 pixels, 16 times as large, is off by less than 2 %."""
    y, x = np.mgrid[:64, :64] - 31.5
    disc = np.clip(12 - np.hypot(x, y) + 0.5, 0, 1).astype(np.float32)[None]
    area = binary(at_size(disc, (1024, 1024)), ("lungs",)).sum()
    assert area == pytest.approx(np.pi * (12 * 16) ** 2, rel=0.02)


@pytest.mark.parametrize("postprocess", [True, False])
def test_masks_are_cut_at_the_size_of_the_image(postprocess):
    """Crumbs go where one region a class is asked for; the probabilities come back with them."""
    grid = np.zeros((1, 32, 32), np.float32)
    grid[0, 4:20, 4:12] = 0.8
    grid[0, 28, 28] = 0.8
    masks, full = masks_of(grid, ("heart",), (64, 32), 0.5, postprocess=postprocess)
    assert masks.shape == full.shape == (1, 64, 32) and masks.dtype == np.uint8
    assert bool(masks[0, 57, 28]) is not postprocess and masks[0, 20, 8]


CLASSES = ("right_lung", "left_lung", "heart")


def fields(seed, spread):
    """Smooth random probabilities of three classes that overlap, on a grid of 64 x 64."""
    noise = np.random.default_rng(seed).normal(size=(3, 64, 64))
    smooth = np.stack([ndimage.gaussian_filter(each, spread) for each in noise])
    return (1 / (1 + np.exp(-8 * smooth / smooth.std()))).astype(np.float32)


@pytest.mark.parametrize("size", [(64, 64), (50, 97), (331, 200), (129, 640)])
@pytest.mark.parametrize("postprocess", [True, False])
def test_masks_equal_those_cut_from_the_whole_interpolated_image(size, postprocess):
    """Torch interpolates all of it; a pixel may differ only where its probability is the threshold's."""
    for seed, spread, threshold in [(0, 2, 0.5), (1, 6, 0.5), (2, 6, 0.3), (3, 12, 0.7)]:
        grid = fields(seed, spread)
        full = at_size(grid, size)
        masks = binary(full, CLASSES, threshold)
        whole = clean(masks, CLASSES) if postprocess else masks
        assert whole.any(axis=(1, 2)).all()
        tied = np.abs(full - np.float32(threshold)) < 1e-6
        tied[:2] |= np.abs(full[0] - full[1]) < 1e-6
        assert not ((cut(grid, CLASSES, size, threshold, postprocess=postprocess) != whole) & ~tied).any()


def test_lungs_of_which_one_is_missing_are_cut_all_the_same():
    """No cell of the right lung reaches the threshold."""
    grid = fields(0, 6)
    grid[0] = 0.1
    masks = cut(grid, CLASSES, (100, 120), 0.5)
    assert not masks[0].any() and masks[1].any()
