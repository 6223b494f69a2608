"""Grey ranges: each of the four kinds, by its own property."""

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import ScaleIntensityRangePercentiles

from cxrtk.data import RandGreyRanged

RAMP = np.linspace(0.0, 1.0, 100, dtype=np.float32).repeat(100).reshape(100, 100)


def change(kind: str, seed: int) -> np.ndarray:
    transform = RandGreyRanged("image").set_random_state(seed)
    return getattr(transform, kind)(RAMP.copy())


@pytest.mark.parametrize("seed", range(10))
def test_a_window_clips_and_keeps_the_order(seed):
    """Beyond two quantiles all is black or white; between them the values are spread evenly."""
    windowed = change("_window", seed)
    assert (windowed[0].max(), windowed[-1].min()) == (0.0, 1.0)
    steps = np.diff(windowed[:, 0])
    assert steps.min() >= 0
    assert 0.7 * len(RAMP) <= (steps > 0).sum() + 1 or windowed[windowed > 0].size < windowed.size


@pytest.mark.parametrize("seed", range(10))
def test_film_has_a_toe_and_a_shoulder(seed):
    """An S: black stays black, white white, and the curve is steepest between its ends."""
    curve = change("_film", seed)[:, 0]
    assert curve[0] == pytest.approx(0, abs=1e-6) and curve[-1] == pytest.approx(1, abs=1e-6)
    slope = np.diff(curve)
    assert slope.min() > 0
    assert slope.max() > slope[0] and slope.max() > slope[-1]


@pytest.mark.parametrize("seed", range(10))
def test_few_levels_are_few(seed):
    """12 to 64, and no value moves by more than half a step."""
    rounded = change("_few_levels", seed)
    levels = np.unique(rounded)
    assert 12 <= len(levels) <= 64
    assert np.abs(rounded - RAMP).max() <= 0.5 / 11 + 1e-6


def test_low_contrast_survives_scaling_by_percentiles():
    """The strip along one side sets the ends of the scale, so the chest stays grey."""
    scale = ScaleIntensityRangePercentiles(1, 99, 0.0, 1.0, clip=True)
    spreads = []
    for seed in range(20):
        flat = scale(torch.from_numpy(change("_low_contrast", seed))[None])[0, 20:80, 20:80]
        spreads.append(float(flat.max() - flat.min()))
    plain = scale(torch.from_numpy(RAMP)[None])[0, 20:80, 20:80]
    assert np.mean(spreads) < 0.8 * float(plain.max() - plain.min())


def test_every_kind_is_drawn():
    """Many seeds give many different pictures, all in [0, 1]."""
    pictures = [
        RandGreyRanged("image", prob=1.0).set_random_state(seed)({"image": MetaTensor(RAMP[None])})["image"]
        for seed in range(24)
    ]
    assert len({picture.numpy().tobytes() for picture in pictures}) >= 20
    assert all(picture.min() >= 0 and picture.max() <= 1 for picture in pictures)
