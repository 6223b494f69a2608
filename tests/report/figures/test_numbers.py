"""The numbers behind the other figures, against values worked out apart."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, f1_score

from cxrtk.evaluation.curves import count_pixels, reliability
from cxrtk.evaluation.table import Case
from cxrtk.report.figures import bland_altman, calibration, losses, precision_recall, ranked, threshold


def pixels(seed):
    rng = np.random.default_rng(seed)
    truth = (rng.random(3000) < 0.4).astype(np.uint8)
    return np.round(np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1), 3).astype(np.float32), truth


def case(number, prediction, truth, spacing=None, failure=""):
    return Case(
        image=f"{number}.png", patient=f"p{number}", truth="human", heart="excluded", shape=(10, 10),
        values={}, prediction_pixels=prediction, truth_pixels=truth, failure=failure, spacing_mm=spacing,
    )  # fmt: skip


def test_bias_and_limits_are_those_of_bland_and_altman():
    """Differences 2, -4, 8 pixels: mean 2, SD 6, limits 2 -+ 11.76."""
    (found,) = bland_altman.agreements([case(1, 12, 10), case(2, 16, 20), case(3, 38, 30)])
    assert found.unit == "pixels"
    assert found.bias == pytest.approx(2)
    assert found.limits == pytest.approx((2 - 1.96 * 6, 2 + 1.96 * 6))
    assert found.means.tolist() == [11, 18, 34]


def test_areas_with_a_spacing_are_in_mm2_and_apart():
    """Pixels of 0.5 x 2 mm have 1 mm2."""
    cases = [case(1, 12, 10, (0.5, 2.0)), case(2, 16, 20, (0.5, 4.0)), case(3, 1, 1), case(4, 2, 1)]
    mm, px = bland_altman.agreements(cases)
    assert (mm.unit, px.unit) == ("mm2", "pixels")
    assert mm.differences.tolist() == [2, -8]


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


def test_the_average_precision_is_scikit_learns():
    """In the caption, to four digits."""
    probabilities, truth = pixels(2)
    drawn = precision_recall.draw(count_pixels(probabilities, truth))
    assert f"average precision {average_precision_score(truth, probabilities):.4f}" in drawn.says


def test_dice_by_threshold_is_that_of_masks_cut_there():
    """Three images, five thresholds, by scikit-learn's F1."""
    images = [pixels(seed) for seed in range(3)]
    found = threshold.dice_by_threshold(np.stack([count_pixels(*image) for image in images]))
    for cut in (100, 301, 500, 702, 950):
        expected = [f1_score(truth, given >= np.float32(cut / 1000)) for given, truth in images]
        assert found.mean[cut] == pytest.approx(np.mean(expected))


def test_the_best_threshold_has_the_highest_mean():
    """Of all thousandths."""
    images = [pixels(seed) for seed in range(3)]
    found = threshold.dice_by_threshold(np.stack([count_pixels(*image) for image in images]))
    assert found.mean[round(found.best * 1000)] == found.mean.max()


def test_losses_are_those_of_the_log():
    """Where an epoch has no number of a part, that part has no point."""
    rows = [
        {"epoch": 1, "train": {"loss": 0.9}, "validation": {"loss": 0.8}, "best": True},
        {"epoch": 2, "train": {"loss": 0.5}, "validation": None},
        {"epoch": 3, "train": {"loss": 0.4}, "validation": {"loss": 0.45}, "best": True},
    ]
    found = losses.curves(rows, "loss")
    assert (found["train"].epochs, found["train"].values) == ([1, 2, 3], [0.9, 0.5, 0.4])
    assert (found["validation"].epochs, found["validation"].values) == ([1, 3], [0.8, 0.45])
    assert losses.best_epoch(rows) == 3
    assert "training from 0.9000 to 0.4000" in losses.draw(found, 3).says


def test_groups_that_do_not_fit_are_said():
    """Seven are drawn of nine, the largest."""
    groups = {f"g{number}": [0.9] * (number + 1) for number in range(9)}
    assert "2 smaller groups are not drawn" in ranked.draw(groups, column="view").says
