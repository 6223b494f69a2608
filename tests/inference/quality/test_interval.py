"""Intervals of the cardiothoracic ratio."""

import numpy as np
import pytest

from cxrtk.inference.quality.interval import COVERAGE, FEWEST, FLOOR, fit_interval, interval


def test_the_conformal_quantile_by_hand():
    """Of errors 1 to 99 in hundredths of the scale, the 90th: ceil(100 * 0.9)."""
    errors = [FLOOR * number / 100 for number in range(1, 100)]
    assert fit_interval(errors, [0.0] * 99) == {"floor": FLOOR, "factor": pytest.approx(0.90)}


def test_each_patient_counts_once():
    """One patient with ten images, of errors 1 to 10, beside 29 with one, of 11 to 39: 28 of 30 patients."""
    errors = [FLOOR * number / 100 for number in range(1, 40)]
    patients = ["many"] * 10 + [f"one {number}" for number in range(29)]
    fitted = fit_interval(errors, [0.0] * 39, patients)
    # rank 27.9 of 30 patients: the first ten images are one of them, so image 10 + 27 holds the 28th
    assert fitted == {"floor": FLOOR, "factor": pytest.approx(0.37)}


def test_the_order_of_images_does_not_matter():
    """Neither does the name of a patient."""
    rng = np.random.default_rng(1)
    errors, patients = rng.random(60), rng.integers(20, size=60)
    shuffled = rng.permutation(60)
    one = fit_interval(errors.tolist(), [0.01] * 60, [f"a{number}" for number in patients])
    other = fit_interval(errors[shuffled].tolist(), [0.01] * 60, [f"b{n}" for n in patients[shuffled]])
    assert one == other


def test_coverage_on_images_of_the_same_kind():
    """Nine in ten, whether the views agree or not, of errors that grow with their spread."""
    rng = np.random.default_rng(0)
    spreads = rng.exponential(0.02, 6000)
    errors = np.abs(rng.normal(0, FLOOR + spreads))
    fitted = fit_interval(errors[:3000].tolist(), spreads[:3000].tolist())
    ends = [interval(0.5, spread, **fitted) for spread in spreads[3000:]]
    within = np.array([high - 0.5 for _, high in ends]) >= errors[3000:]
    wide = spreads[3000:] > 0.02
    assert within.mean() == pytest.approx(COVERAGE, abs=0.02)
    assert within[wide].mean() == pytest.approx(within[~wide].mean(), abs=0.03)


def test_too_few_images():
    """There is no interval, rather than one that means nothing."""
    assert fit_interval([0.01] * (FEWEST - 1), [0.0] * (FEWEST - 1)) is None


def test_a_ratio_is_a_ratio():
    """The ends lie in [0, 1]."""
    assert interval(0.05, 0.1, floor=0.02, factor=2.0) == [0.0, 0.29]
    assert interval(0.95, 0.1, floor=0.02, factor=2.0) == [0.71, 1.0]
