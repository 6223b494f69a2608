"""Mean, median and spread under a window, against numpy and SciPy."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from cxrtk import regions
from tests.data.regions.shapes import plane

RNG = np.random.default_rng(0)
EVERYWHERE = math.inf  # a window without end


def test_without_a_window_the_mean_is_numpys():
    """Of the pixels of weight 1; the others, however bright, do not count."""
    pixels, weight = RNG.random((9, 12)), RNG.random((9, 12)) > 0.4
    found = regions.local_mean(plane(pixels), plane(weight), window=EVERYWHERE)
    assert np.allclose(found, pixels[weight].mean(), atol=1e-6)


def test_with_a_window_the_mean_is_scipys():
    """A Gaussian filter of the weighted pixels over one of the weights, nothing beyond the border."""
    pixels, weight = RNG.random((40, 50)), (RNG.random((40, 50)) > 0.4).astype(float)

    def blur(values):
        return ndimage.gaussian_filter(values, 6.0, mode="constant", truncate=10)

    found = regions.local_mean(plane(pixels), plane(weight), window=6.0)
    assert np.allclose(found[0], blur(pixels * weight) / blur(weight), atol=1e-5)


def test_without_a_window_the_median_is_numpys():
    """To half a grey level of 64 at least, whatever the distribution."""
    pixels, weight = RNG.beta(2, 5, (64, 64)), RNG.random((64, 64)) > 0.4
    found = regions.local_median(plane(pixels), plane(weight), window=EVERYWHERE)
    assert np.allclose(found, np.median(pixels[weight]), atol=0.5 / 64)


def test_the_median_is_linear_between_grey_levels():
    """Of 0.1, ... 0.77 in equal steps it is 0.435, far from an edge of the 64 levels (27.84 of them)."""
    ramp = np.linspace(0.1, 0.77, 64 * 64).reshape(64, 64)
    found = regions.local_median(plane(ramp), torch.ones(1, 64, 64), window=EVERYWHERE)
    assert np.allclose(found, 0.435, atol=0.05 / 64)


def test_with_a_window_half_of_the_weight_lies_below_the_median():
    """Sorting the pixels by hand round one of the points where it is computed."""
    pixels = RNG.random((64, 64))
    found = regions.local_median(plane(pixels), torch.ones(1, 64, 64), window=8.0, every=1)
    y, x = np.mgrid[:64, :64]
    weight = np.exp(-0.5 * ((y - 20) ** 2 + (x - 40) ** 2) / 8.0**2).ravel()
    order = np.argsort(pixels.ravel())
    below = np.cumsum(weight[order])
    expected = pixels.ravel()[order][np.searchsorted(below, below[-1] / 2)]
    assert float(found[0, 20, 40]) == pytest.approx(expected, abs=0.5 / 64)


@pytest.mark.parametrize("centre", [None, 0.2])
def test_the_spread_is_the_rms_distance_from_the_centre(centre):
    """From the mean it is numpy's standard deviation."""
    pixels = RNG.random((20, 30))
    middle = pixels.mean() if centre is None else centre
    ones = torch.ones(1, 20, 30)
    found = regions.local_spread(plane(pixels), ones * middle, ones, window=EVERYWHERE)
    assert np.allclose(found, np.sqrt(((pixels - middle) ** 2).mean()), atol=1e-5)
