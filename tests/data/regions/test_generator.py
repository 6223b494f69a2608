"""Thresholds to lungs, the whole way, on drawn lungs."""

import numpy as np
import pytest
from monai.data.meta_tensor import MetaTensor

from cxrtk import regions
from tests.data.regions.shapes import TWO_LUNGS, dice, plane

RNG = np.random.default_rng(0)


DRAWN = np.where(TWO_LUNGS, 0.3, 0.8)  # no air, and no pixel that percentiles would clip


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_drawn_lungs_are_found(statistic):
    """Two dark ellipses in a bright field, with noise, are the mask; 2.5 pixels all round alone cost 0.05."""
    noisy = np.clip(DRAWN + RNG.normal(0, 0.05, DRAWN.shape), 0, 1)
    found = regions.threshold_lungs(plane(noisy), statistic)
    assert dice(found[0].numpy() > 0, TWO_LUNGS) > 0.9


@pytest.mark.parametrize(("scale", "offset"), [(0.5, 0.3), (0.1, 0.0), (0.01, 0.9)])
def test_contrast_and_brightness_do_not_matter(scale, offset):
    """The mask of a * image + b is that of the image, but for single pixels on its border."""
    noisy = np.clip(DRAWN + RNG.normal(0, 0.05, DRAWN.shape), 0, 1)
    first = regions.threshold_lungs(plane(noisy), "mean")
    second = regions.threshold_lungs(plane(noisy * scale + offset), "mean")
    assert (first != second).float().mean() < 1e-3


def test_size_does_not_matter():
    """Twice as large, each pixel four times, the mask is the same picture."""
    first = regions.threshold_lungs(plane(DRAWN), "mean")[0].numpy() > 0
    second = regions.threshold_lungs(plane(DRAWN.repeat(2, 0).repeat(2, 1)), "mean")[0].numpy() > 0
    assert dice(first.repeat(2, 0).repeat(2, 1), second) > 0.99


def test_the_global_threshold_is_the_mean_of_the_body():
    """Without air and without clipping that is the mean of all pixels; the median is the brighter grey."""
    everywhere = regions.ThresholdSettings(window=None)
    mean = regions.threshold_lungs(plane(DRAWN), "mean", everywhere).meta["statistics"]["threshold"]
    median = regions.threshold_lungs(plane(DRAWN), "median", everywhere).meta["statistics"]["threshold"]
    assert mean == pytest.approx(DRAWN.mean(), abs=1e-4)
    assert median == pytest.approx(0.8, abs=0.5 / 64)


def test_what_an_image_knows_stays_with_its_mask():
    """The entries of a MetaTensor's meta are there beside the statistics."""
    image = MetaTensor(plane(DRAWN), meta={"filename_or_obj": "a.png"})
    meta = regions.threshold_lungs(image, "mean").meta
    assert meta["filename_or_obj"] == "a.png"
    assert "statistics" in meta
    assert "statistics" not in image.meta


def test_another_statistic_is_refused():
    """By name, with those there are."""
    with pytest.raises(ValueError, match="mean, median, not 'mode'"):
        regions.threshold_lungs(plane(DRAWN), "mode")


@pytest.mark.parametrize("wrong", [{"window": 0.0}, {"gain": -1.0}, {"air": 0.0}, {"smoothing": -1.0}])
def test_settings_without_sense_are_refused(wrong):
    """Where they are made, and by name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        regions.ThresholdSettings(**wrong)
