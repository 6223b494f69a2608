"""Curves from counts, against scikit-learn on the pixels themselves."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from cxrtk.errors import DataError
from cxrtk.evaluation import curves

RNG = np.random.default_rng(0)
TRUTH = (RNG.random(5000) < 0.4).astype(np.uint8)
# Thousandths, so that counting loses nothing.
VALUES = (np.round(np.clip(RNG.normal(0.3 + 0.4 * TRUTH, 0.25), 0, 1) * 1000) / 1000).astype(np.float32)
COUNTS = curves.count_pixels(VALUES, TRUTH)


@pytest.mark.parametrize("threshold", [0.0, 0.001, 0.29, 0.5, 0.57, 0.999, 1.0])
def test_the_bins_from_a_threshold_on_are_its_mask(threshold):
    """Inside and outside the truth."""
    mask = np.float32(threshold) <= VALUES
    first = round(threshold * 1000)
    expected = [(mask & (kind == TRUTH)).sum() for kind in (0, 1)]
    assert COUNTS[:, first:].sum(axis=1).tolist() == expected


def test_the_roc_curve_is_scikit_learns():
    """Its area, and the point at 0.5."""
    found = curves.roc(COUNTS)
    assert found.area == pytest.approx(roc_auc_score(TRUTH, VALUES), abs=1e-6)
    false, true, thresholds = roc_curve(TRUTH, VALUES, drop_intermediate=False)
    here, there = np.flatnonzero(found.thresholds == 0.5)[0], np.flatnonzero(thresholds >= 0.5)[-1]
    assert found.false_positive_rate[here] == pytest.approx(false[there], abs=1e-6)
    assert found.true_positive_rate[here] == pytest.approx(true[there], abs=1e-6)
    assert (found.false_positive_rate[0], found.true_positive_rate[-1]) == (0, 1)


def test_average_precision_is_scikit_learns():
    """The sum of recall gained times precision."""
    found = curves.precision_recall(COUNTS)
    assert found.average_precision == pytest.approx(average_precision_score(TRUTH, VALUES), abs=1e-6)
    assert found.recall[-1] == 1 and found.precision[-1] == pytest.approx(TRUTH.mean())


def test_the_reliability_diagram_is_scikit_learns():
    """Share of lung and mean probability by bin, of values in the middle of each thousandth."""
    values = np.minimum(VALUES, np.float32(0.999)) + np.float32(0.0005)
    share, mean = calibration_curve(TRUTH, values, n_bins=10)
    found = curves.reliability(curves.count_pixels(values, TRUTH), bins=10)
    assert found.share == pytest.approx(share, abs=1e-6)
    assert found.probability == pytest.approx(mean, abs=1e-6)
    assert found.pixels.sum() == TRUTH.size


def test_an_empty_bin_has_no_share():
    """Not 0: nothing is known."""
    found = curves.reliability(curves.count_pixels(np.zeros(3, np.float32), np.zeros(3, np.uint8)))
    assert found.share[0] == 0 and np.isnan(found.share[1:]).all()


def test_counts_survive_their_file(tmp_path):
    """Names and numbers; they add up."""
    curves.save_counts(["a", "ü"], [COUNTS, COUNTS], tmp_path / "c.npz")
    images, counts = curves.load_counts(tmp_path / "c.npz")
    assert images == ["a", "ü"] and np.array_equal(counts.sum(axis=0), 2 * COUNTS)


def test_another_file_is_refused(tmp_path):
    """It holds no counts."""
    (tmp_path / "c.npz").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"c\.npz"):
        curves.load_counts(tmp_path / "c.npz")


@pytest.mark.parametrize("truth", [np.zeros(5, np.uint8), np.ones(5, np.uint8)])
def test_no_roc_curve_of_one_kind(truth):
    """Neither rate would be defined."""
    with pytest.raises(DataError, match="ROC"):
        curves.roc(curves.count_pixels(np.full(5, 0.5, np.float32), truth))


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_only_probabilities_are_counted(value):
    """Not logits."""
    with pytest.raises(ValueError, match="0, 1"):
        curves.count_pixels(np.array([value], np.float32), np.array([1], np.uint8))


def test_bins_are_equal():
    """A number that divides 1000."""
    with pytest.raises(ValueError, match="divide"):
        curves.reliability(COUNTS, bins=7)
