"""Expected calibration error against MONAI, and against a loop over the bins."""

import numpy as np
import pytest
import torch
from monai.metrics import CalibrationErrorMetric

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import EMPTY, FULL, PAIR, SHAPE, pixel, probabilities


def ece(values, truth, **settings):
    metric = metrics.create("ece", **settings)
    pair = (torch.from_numpy(array.astype(np.float32))[None, None] for array in (values, truth))
    metric(*pair)
    return metric.aggregate().item()


def by_hand(values, truth, count):
    """Bins (k / count, (k + 1) / count], the first with 0."""
    total = 0.0
    for k in range(count):
        low, high = k / count, (k + 1) / count
        inside = (values > low) & (values <= high) if k else values <= high
        if inside.any():
            total += inside.sum() * abs(values[inside].mean() - truth[inside].mean())
    return total / values.size


CASES = [
    *(probabilities(seed) for seed in range(4)),
    (PAIR, PAIR),
    (~PAIR, PAIR),
    (np.full(SHAPE, 0.25), FULL),
    (np.full(SHAPE, 0.25), EMPTY),
    (probabilities(0)[0], pixel(0, 0)),
]


@pytest.mark.parametrize("num_bins", [1, 10, 20])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_is_monais(case, num_bins):
    """MONAI's `CalibrationErrorMetric` on a small image, where its 32 bits do."""
    values, truth = CASES[case]
    metric = CalibrationErrorMetric(num_bins=num_bins)
    metric(*(torch.from_numpy(array.astype(np.float32))[None, None] for array in (values, truth)))
    assert ece(values, truth, num_bins=num_bins) == pytest.approx(float(metric.aggregate()), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_is_a_loop_over_the_bins(seed):
    """With values that lie on no border."""
    rng = np.random.default_rng(seed)
    truth = rng.random(SHAPE) < 0.4
    values = rng.random(SHAPE).astype(np.float32)
    assert ece(values, truth) == pytest.approx(by_hand(values.astype(np.float64), truth, 20), abs=1e-6)


def test_keeps_its_digits_on_a_large_image():
    """Two million pixels, as on a radiograph; sums of 32 bits lose the sixth digit there."""
    rng = np.random.default_rng(0)
    truth = rng.random((1600, 1300)) < 0.4
    values = rng.random((1600, 1300)).astype(np.float32)
    assert ece(values, truth) == pytest.approx(by_hand(values.astype(np.float64), truth, 20), abs=1e-7)


def test_takes_probabilities():
    """A value outside [0, 1], such as a logit, is refused."""
    with pytest.raises(ValueError, match="probabilities"):
        ece(np.full(SHAPE, 1.5), PAIR)


def test_there_is_a_bin():
    """At least one."""
    with pytest.raises(ValueError, match="num_bins"):
        metrics.create("ece", num_bins=0)
