"""Gaussian filters by matrix products, against scipy; noise, against its distribution."""

import numpy as np
import pytest
from scipy import ndimage, stats

from cxrtk.data.augment.blur import blurred, noise


@pytest.mark.parametrize("shape", [(40, 40), (33, 70)])
@pytest.mark.parametrize("sigma", [0.8, 3.2, 6.4])
def test_it_is_scipys_filter(shape, sigma):
    """To float32 rounding, borders included."""
    plane = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    np.testing.assert_allclose(blurred(plane, sigma), ndimage.gaussian_filter(plane, sigma), atol=2e-6)


def test_noise_is_normal_and_seeded():
    """By Kolmogorov and Smirnov's test; another call draws others."""
    random = np.random.RandomState(0)
    drawn = noise((200, 200), random)
    assert drawn.dtype == np.float32
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-3
    assert not np.array_equal(drawn, noise((200, 200), random))
    assert np.array_equal(drawn, noise((200, 200), np.random.RandomState(0)))
