"""Bars, median and outliers of a measure."""

import numpy as np
import pytest

from cxrtk.report.distributions import MOST_NAMED, WIDTH, distribution, is_outlier
from cxrtk.report.measured import measured

RATIO = next(each for each in measured(in_mm=True) if each.key == "ratio")


def named(values):
    """Values by a name each."""
    return {f"{place}.png": float(value) for place, value in enumerate(values)}


def test_the_bars_hold_every_value_once():
    """Their heights are counts of NumPy's histogram, relative to the highest."""
    values = np.random.default_rng(0).normal(0.5, 0.05, 200)
    drawn = distribution(RATIO, named(values), {})
    edges = [bar.x for bar in drawn.bars] + [drawn.bars[-1].x + drawn.bars[-1].width]
    assert edges[0] == 0 and edges[-1] == pytest.approx(WIDTH, abs=0.1)
    heights = np.array([bar.share for bar in drawn.bars])
    assert heights.max() == 1
    places = (values - values.min()) / np.ptp(values) * WIDTH
    counts = [np.sum((places >= bar.x) & (places < bar.x + bar.width)) for bar in drawn.bars]
    assert np.abs(heights * max(counts) - counts).max() <= 1.01  # a value on an edge may fall either way


def test_outliers_are_those_of_tukey():
    """1.5 interquartile ranges outside the quartiles: of 1 to 9 these are 3 and 7, so 13 is inside."""
    values = [*range(1, 10)]
    assert not is_outlier(np.array([*values[:-1], 12.9])).any()
    assert is_outlier(np.array([*values[:-1], 13.1])).tolist() == [False] * 8 + [True]


def test_few_values_have_no_outliers():
    """Seven have no quartiles to speak of."""
    assert not is_outlier(np.array([1, 1, 1, 1, 1, 1, 99.0])).any()


def test_an_outlier_opens_its_card():
    """One that is not on the page opens none."""
    values = named([0.5, 0.51, 0.52, 0.5, 0.49, 0.5, 0.51, 0.5, 0.9, 0.1])
    drawn = distribution(RATIO, values, {"8.png": "image-3"})
    assert {each.name: each.opens for each in drawn.outliers} == {"8.png": "image-3", "9.png": ""}
    assert {each.text for each in drawn.outliers} == {"0.90", "0.10"}


def test_the_farthest_outliers_are_named():
    """At most a dozen; all are drawn."""
    values = named([*np.linspace(0.4, 0.6, 100), *np.linspace(2, 3, 20)])
    drawn = distribution(RATIO, values, {})
    assert len(drawn.outliers) == 20 and len(drawn.named) == MOST_NAMED
    assert {each.name for each in drawn.named} == {f"{place}.png" for place in range(108, 120)}


def test_another_batch_is_on_the_same_axis():
    """Its median lies where its values are."""
    drawn = distribution(RATIO, named([0.0, 0.2, 0.4]), {}, [0.6, 0.8, 1.0])
    assert drawn.median == pytest.approx(0.2 * WIDTH) and drawn.other_median == pytest.approx(0.8 * WIDTH)
    assert max(bar.x for bar in drawn.bars) < min(bar.x for bar in drawn.other)


def test_equal_values_have_one_bar():
    """And no division by zero."""
    assert len(distribution(RATIO, named([0.5] * 4), {}).bars) == 1


def test_one_value_is_no_distribution():
    """Nor is none."""
    assert distribution(RATIO, named([0.5]), {}) is None and distribution(RATIO, {}, {}) is None
