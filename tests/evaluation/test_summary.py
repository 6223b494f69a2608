"""Means with the failed cases in them, medians, deviations and the worst tenth."""

import statistics

import numpy as np
import pytest

from cxrtk.evaluation.summary import summarise

DICE = np.round(np.random.default_rng(0).beta(20, 2, 25), 3).tolist()


def test_the_numbers_are_pythons(case, evaluation):
    """Mean, median and standard deviation of the module `statistics`; the worst 2 of 25; best and worst."""
    (dice, _) = summarise(evaluation(*(case(f"{n}.png", value) for n, value in enumerate(DICE))))
    assert dice.mean == pytest.approx(statistics.fmean(DICE))
    assert dice.median == pytest.approx(statistics.median(DICE))
    assert dice.sd == pytest.approx(statistics.stdev(DICE))
    assert dice.worst_decile == pytest.approx(sum(sorted(DICE)[:2]) / 2)
    assert (dice.worst, dice.best) == (min(DICE), max(DICE))
    assert (dice.images, dice.patients, dice.failures) == (25, 25, 0)


def test_of_distances_the_worst_are_the_largest(case, evaluation):
    """Of 20 distances 0 to 19: 19 and 18."""
    (_, hd95) = summarise(evaluation(*(case(f"{n}.png", hd95=float(n)) for n in range(20))))
    assert (hd95.worst_decile, hd95.worst, hd95.best) == (18.5, 19.0, 0.0)


def test_a_failed_case_is_counted_and_in_the_mean(case, evaluation):
    """0 of 1 found: Dice 0, the diagonal of 30 x 40."""
    failed = case("b.png", 0.0, 50.0, failure="empty prediction")
    dice, hd95 = summarise(evaluation(case("a.png", 1.0, 0.0), failed))
    assert (dice.mean, hd95.mean) == (0.5, 25.0)
    assert (dice.failures, hd95.failures) == (1, 1)


def test_millimetres_and_pixels_are_never_added(case, evaluation):
    """One line for the images with a spacing, one for those without; ratios stay together."""
    known = {"spacing_mm": (0.5, 0.5), "spacing_source": "detector"}
    found = summarise(evaluation(case("a.png", hd95=1.0, **known), case("b.png", hd95=9.0)))
    assert [(each.metric, each.unit, each.images) for each in found] == [
        ("dice", "", 2), ("hd95", "mm", 1), ("hd95", "pixels", 1),
    ]  # fmt: skip
    assert [each.mean for each in found[1:]] == [1.0, 9.0]


def test_one_image(case, evaluation):
    """It has no deviation and no interval, and is its own worst tenth."""
    (dice, _) = summarise(evaluation(case(dice=0.7)))
    assert (dice.sd, dice.interval, dice.worst_decile) == (None, None, 0.7)
