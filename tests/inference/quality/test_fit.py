"""A quality flag's numbers, fitted to samples whose truth is known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from cxrtk.classes import HEART, LUNGS
from cxrtk.errors import DataError
from cxrtk.inference.quality.fit import FALSE_ALARMS, PENALTY, fit_flag_rule, goodness, importance
from cxrtk.inference.quality.rule import FlagRule

GOOD, BAD = 1.0, 0.0  # Dice


def drawn(count: int = 400):
    """Usual images, and as many samples of which the bad ones disagree and are far away."""
    rng = np.random.default_rng(0)
    usual = [
        {
            "agreement": rng.normal(0.97, 0.01),
            "entropy": rng.normal(1.0, 0.1),
            "area": rng.normal(0.3, 0.04),
        }
        for _ in range(count)
    ]
    bad = [
        {
            "agreement": rng.normal(0.9, 0.06),
            "entropy": rng.normal(1.6, 0.5),
            "area": rng.normal(0.3, 0.04),
        }
        for _ in range(count)
    ]
    return usual, bad


def test_it_tells_good_from_bad():
    """On samples that were not fitted to, of the same kind, better than each sign alone."""
    usual, bad = drawn()
    rule = FlagRule(
        **fit_flag_rule(usual[::2], usual[::2] + bad[::2], [GOOD] * 200 + [BAD] * 200, usual[::2])
    )
    rows, good = usual[1::2] + bad[1::2], [1] * 200 + [0] * 200
    auc = roc_auc_score(good, [rule.score(row) for row in rows])
    alone = [
        roc_auc_score(good, [sign * row[name] for row in rows])
        for name, sign in (("agreement", 1), ("entropy", -1))
    ]
    assert auc > max(alone) and auc > 0.97


def test_few_good_images_are_flagged():
    """No more than asked for, of those it was told to keep."""
    usual, bad = drawn()
    rule = FlagRule(**fit_flag_rule(usual, usual + bad, [GOOD] * 400 + [BAD] * 400, usual))
    flagged = sum(rule(row)["flag"] != "ok" for row in usual)
    assert flagged <= FALSE_ALARMS[LUNGS] * 400 + 1


def test_hardly_any_good_image_is_failed():
    """1 % of those to be kept, at most, and none whose score is a half or more."""
    usual, bad = drawn()
    fitted = fit_flag_rule(usual, usual + bad, [GOOD] * 400 + [BAD] * 400, usual)
    rule = FlagRule(**fitted)
    assert sum(rule(row)["flag"] == "failed" for row in usual) <= 4
    assert fitted["failed_below"] <= 0.5 <= fitted["ok_from"]
    assert sum(rule(row)["flag"] == "failed" for row in bad) > 200


def test_the_strange_side_never_raises_the_score():
    """Further from what is usual is never better, on either side, far out."""
    usual, bad = drawn()
    rule = FlagRule(**fit_flag_rule(usual, usual + bad, [GOOD] * 400 + [BAD] * 400, usual))
    base = {"agreement": 0.97, "entropy": 1.0, "area": 0.3}
    far = [rule.score({**base, "entropy": value}) for value in (1.5, 2.0, 4.0)]
    assert far == sorted(far, reverse=True) and far[-1] < rule.score(base)


def test_without_bounds_it_is_scikit_learns():
    """Weights of the linear part where no sample is beyond the usual: logistic regression with L2."""
    rng = np.random.default_rng(1)
    usual = [{"agreement": value} for value in np.linspace(0.0, 1.0, 101)]
    values = rng.uniform(0.2, 0.8, 300)
    good = rng.random(300) < 1 / (1 + np.exp(-10 * (values - 0.5)))
    dice = np.where(good, GOOD, BAD)
    fitted = fit_flag_rule(usual, [{"agreement": value} for value in values], dice, usual)
    known = fitted["signs"]["agreement"]
    scaled = ((values - known["mean"]) / known["scale"])[:, None]
    weights = np.where(good, 0.5 / good.sum(), 0.5 / (~good).sum())
    target = 1 / (1 + np.exp(-(dice - 0.90) / 0.02))  # scikit-learn has no soft targets: each sample twice
    model = LogisticRegression(C=1 / PENALTY, tol=1e-10, max_iter=10_000).fit(
        np.concatenate([scaled, scaled]),
        np.repeat([1, 0], 300),
        sample_weight=np.concatenate([weights * target, weights * (1 - target)]),
    )
    assert known["weight"] == pytest.approx(model.coef_[0, 0], rel=1e-3)
    assert fitted["bias"] == pytest.approx(model.intercept_[0], rel=1e-3, abs=1e-3)


def test_no_good_mask_of_a_distorted_image():
    """Then nothing says what is ``ok`` on images that are harder than those at home."""
    usual, bad = drawn(30)
    with pytest.raises(DataError, match=r"No mask of a distorted image is good.*Train longer"):
        fit_flag_rule(usual, usual + bad, [0.95] * len(usual) + [0.5] * len(bad), [])


def test_too_few_failures():
    """A flag that saw no failure would be made up."""
    usual, bad = drawn(30)
    with pytest.raises(DataError, match=r"30 good and 5 bad masks are too few .* 20 of each"):
        fit_flag_rule(usual, usual + bad[:5], [GOOD] * 30 + [BAD] * 5, usual)


@pytest.mark.parametrize(("name", "sign"), [("agreement", 1), ("entropy", -1)])
def test_a_sign_of_one_direction_has_a_weight_of_that_direction(name, sign):
    """Even where the samples say otherwise: less agreement is never better, more doubt neither."""
    rng = np.random.default_rng(0)
    usual = [{"area": value, name: rng.normal(0.5, 0.1)} for value in rng.normal(0.3, 0.02, 100)]
    wrong = [{"area": 0.3, name: 0.5 + sign * rng.uniform(0.1, 0.4)} for _ in range(100)]  # bad, and too good
    known = fit_flag_rule(usual, usual + wrong, [GOOD] * 100 + [BAD] * 100, usual)["signs"][name]
    assert known["weight"] == 0 and known["below"] >= 0 and known["above"] >= 0


def test_a_soft_step_at_what_is_good():
    """A half at Dice 0.90, by the logistic function on either side."""
    expected = [1 / (1 + np.exp(5)), 0.5, 1 / (1 + np.exp(-2.5))]
    assert goodness([0.80, 0.90, 0.95]) == pytest.approx(expected)


def test_targets_between_move_the_score_between():
    """Samples that are half good have a score of about a half; 0 and 1 on either side."""
    usual = [{"agreement": 0.95 + 0.001 * number} for number in range(40)]
    half = [{"agreement": 0.85 + 0.001 * number} for number in range(40)]
    bad = [{"agreement": 0.75 + 0.001 * number} for number in range(40)]
    rule = FlagRule(**fit_flag_rule(usual, usual + half + bad, [GOOD] * 40 + [0.90] * 40 + [BAD] * 40, usual))
    high, middle, low = (np.mean([rule.score(row) for row in rows]) for rows in (usual, half, bad))
    assert high > 0.8 and 0.2 < middle < 0.8 and low < 0.2


def test_samples_near_the_step_count_more():
    """0.1 + exp(-distance / 0.1), by hand; good ones and bad ones have a sum of a half each."""
    weights = importance([0.90, 1.00, 0.80, 0.50])
    one, two = 0.1 + np.exp([0.0, -1.0]), 0.1 + np.exp([-1.0, -4.0])
    assert weights == pytest.approx([*(0.5 * one / one.sum()), *(0.5 * two / two.sum())])


def test_a_heart_is_good_from_a_lower_dice():
    """At 0.87 a heart is good, and a mask of the lungs is not."""
    dice = [0.87] * 40 + [0.3] * 40
    usual = [{"heart_agreement": 0.9 + 0.001 * number} for number in range(40)]
    bad = [{"heart_agreement": 0.5 + 0.001 * number} for number in range(40)]
    rule = FlagRule(**fit_flag_rule(usual, usual + bad, dice, usual, HEART), structure=HEART)
    assert rule.score(usual[20]) > 0.5 > rule.score(bad[20])
    with pytest.raises(DataError, match="0 good and 80 bad"):
        fit_flag_rule(usual, usual + bad, dice, usual, LUNGS)


def test_signs_of_another_structure_are_left_out():
    """The score of the heart is made of no sign of the lungs' grey levels."""
    rows = [{"heart_agreement": 0.9 + 0.001 * number, "grey_spread": 0.1} for number in range(40)]
    bad = [{"heart_agreement": 0.5, "grey_spread": 0.1}] * 40
    fitted = fit_flag_rule(rows, rows + bad, [GOOD] * 40 + [BAD] * 40, rows, HEART)
    assert set(fitted["signs"]) == {"heart_agreement"}
