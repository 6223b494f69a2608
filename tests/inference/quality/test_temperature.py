"""Temperatures and the error of calibration, from counts of logits."""

import numpy as np
import pytest
from scipy.special import expit, logit

from cxrtk.inference.quality.temperature import LogitCounts


def drawn(temperature: float, count: int = 200_000):
    """Logits that are too large by `temperature`, and outcomes with the true probabilities."""
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, count)
    return temperature * true, (rng.random(count) < expit(true)).astype(float)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_is_found(temperature):
    """Outcomes drawn with known probabilities give back what the logits were multiplied by."""
    logits, truth = drawn(temperature)
    counts = LogitCounts(1)
    counts.add(logits[None], truth[None])
    assert counts.temperature(0) == pytest.approx(temperature, rel=0.02)
    assert counts.calibration_error(0, temperature) < 0.005


def test_error_by_hand():
    """Half of 10 pixels said 0.9 and all right, half said 0.3 and all wrong: (5 * 0.1 + 5 * 0.3) / 10."""
    counts = LogitCounts(1)
    said = logit(np.array([0.9] * 5 + [0.3] * 5))
    counts.add(said[None], np.array([1] * 5 + [0] * 5)[None])
    assert counts.calibration_error(0) == pytest.approx(0.2, abs=0.003)


def test_error_as_the_plain_definition():
    """The sum over fifteen bins, written out in NumPy on the pixels themselves."""
    logits, truth = drawn(3.0, 20_000)
    probability = expit(logits)
    bins = np.minimum((probability * 15).astype(int), 14)
    plain = sum(
        abs(probability[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins)
    )
    counts = LogitCounts(1)
    counts.add(logits[None], truth[None])
    assert counts.calibration_error(0) == pytest.approx(plain, abs=0.002)


def test_unknown_pixels_are_left_out():
    """-1 counts neither as yes nor as no; a class without a known pixel keeps its logits."""
    logits, truth = drawn(2.0)
    counts, known = LogitCounts(2), LogitCounts(2)
    hidden = np.where(np.arange(truth.size) % 2, -1, truth)
    counts.add(np.stack([logits, logits]), np.stack([hidden, np.full_like(truth, -1)]))
    known.add(np.stack([logits[::2], logits[::2]]), np.stack([truth[::2], truth[::2]]))
    assert counts.temperature(0) == known.temperature(0)
    assert counts.temperature(1) == 1.0 and counts.calibration_error(1) == 0.0


def test_batches_add_up():
    """In one go or in two."""
    logits, truth = drawn(2.0, 1000)
    one, two = LogitCounts(1), LogitCounts(1)
    one.add(logits[None], truth[None])
    two.add(logits[None, :400], truth[None, :400])
    two.add(logits[None, 400:], truth[None, 400:])
    assert one.temperature(0) == two.temperature(0)


def test_extreme_logits_count_at_the_limit():
    """Infinite ones do not fall out of the table."""
    counts = LogitCounts(1)
    counts.add(np.array([[-np.inf, -1e9, 1e9, np.inf]]), np.array([[0, 0, 1, 1]]))
    assert counts.calibration_error(0) < 1e-9
