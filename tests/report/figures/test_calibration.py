"""Reliability and its error, against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from cxrtk.evaluation.curves import count_pixels, reliability
from cxrtk.report.figures import calibration
from tests.report.figures.cases import pixels


def test_the_reliability_is_scikit_learns():
    """Ten bins; the probabilities lie amid thousandths, so that none is on the border of a bin."""
    probabilities, truth = pixels(1)
    amid = np.clip(probabilities, 0, 0.999) + np.float32(0.0005)
    ours = reliability(count_pixels(amid, truth), 10)
    share, mean = calibration_curve(truth, amid, n_bins=10)
    filled = ours.pixels > 0
    np.testing.assert_allclose(ours.share[filled], share, atol=1e-9)
    np.testing.assert_allclose(ours.probability[filled], mean, atol=1e-6)


def test_the_calibration_error_is_the_gaps_weighed_by_pixels():
    """By hand: 100 pixels at 0.2 of which 30 are lung, 300 at 0.8 of which 210 are."""
    given = np.repeat([0.2, 0.8], [100, 300]).astype(np.float32)
    truth = np.concatenate([np.arange(100) < 30, np.arange(300) < 210]).astype(np.uint8)
    error = calibration.expected_error(reliability(count_pixels(given, truth), calibration.BINS))
    assert error == pytest.approx((100 * 0.0995 + 300 * 0.1005) / 400, abs=1e-6)


def test_the_caption_has_the_error():
    """Of all pixels, in twenty bins."""
    given = np.repeat([0.25, 0.75], [100, 300]).astype(np.float32)
    truth = np.concatenate([np.arange(100) < 20, np.arange(300) < 240]).astype(np.uint8)
    says = calibration.draw(count_pixels(given, truth)).says
    assert "in 20 bins" in says and "calibration error 0.0498" in says  # as a thousandth's pixels lie amid it
