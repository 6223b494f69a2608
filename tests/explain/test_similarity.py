"""How alike two maps are, against scipy and scikit-image."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity

from cxrtk.explain.similarity import is_constant, spearman, ssim


@pytest.fixture
def noise():
    return np.random.default_rng(0)


def stretched(one):
    return (one - one.min()) / (one.max() - one.min())


@pytest.mark.parametrize("ties", [False, True])
def test_spearman_as_scipy_has_it(noise, ties):
    """With ties, as a map cut off at 0 has many."""
    one = noise.normal(size=(9, 7)).astype(np.float32)
    other = (one + noise.normal(size=(9, 7))).astype(np.float32)
    if ties:
        one, other = np.maximum(one, 0), np.maximum(other, 0)
    assert spearman(one, other) == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic, abs=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "truth"),
    [
        ([[1, 2], [3, 4]], [[10, 200], [3000, 40000]], 1.0),
        ([[1, 2], [3, 4]], [[4, 3], [2, 1]], -1.0),
        ([[1, 2], [3, 4]], [[5, 5], [5, 5]], 0.0),
        ([[1, 2], [3, 4]], [[2, 1], [4, 3]], 0.6),  # 1 - 6 sum d^2 / n (n^2 - 1) = 1 - 24 / 60
    ],
)
def test_spearman_by_hand(one, other, truth):
    """Ranks alone count; a constant map is like nothing."""
    assert spearman(np.array(one, np.float32), np.array(other, np.float32)) == pytest.approx(truth)


def test_ssim_as_scikit_image_has_it(noise):
    """With the settings of Wang et al., over the pixels whose window lies within the map."""
    one = noise.normal(size=(40, 33)).astype(np.float32)
    other = (0.5 * one + noise.normal(size=(40, 33))).astype(np.float32)
    truth = structural_similarity(
        stretched(one), stretched(other),
        data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    )  # fmt: skip
    assert ssim(one, other) == pytest.approx(truth, abs=1e-5)


@pytest.mark.parametrize(("size", "window"), [(8, 7), (7, 7), (3, 3)])
def test_ssim_of_small_maps(noise, size, window):
    """The largest odd window that fits; the formula written out with scipy's Gaussian of that width."""
    one, other = noise.random((2, size, size)).astype(np.float32)
    half = window // 2

    def mean(map_):
        smooth = gaussian_filter(map_.astype(float), 1.5, radius=half)
        return smooth[half : size - half, half : size - half]

    a, b = stretched(one), stretched(other)
    spread = mean(a * a) - mean(a) ** 2, mean(b * b) - mean(b) ** 2, mean(a * b) - mean(a) * mean(b)
    light = (2 * mean(a) * mean(b) + 0.01**2) / (mean(a) ** 2 + mean(b) ** 2 + 0.01**2)
    truth = (light * (2 * spread[2] + 0.03**2) / (spread[0] + spread[1] + 0.03**2)).mean()
    assert ssim(one, other) == pytest.approx(truth, abs=1e-5)


def test_ssim_has_no_unit(noise):
    """A map times three and plus seven is the same map."""
    one = noise.random((16, 16)).astype(np.float32)
    assert ssim(one, 3 * one + 7) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("map_", "constant"), [([[2.0, 2.0]], True), ([[2.0, 2.1]], False)])
def test_constant(map_, constant):
    """No pixel differs."""
    assert is_constant(np.array(map_, np.float32)) is constant
