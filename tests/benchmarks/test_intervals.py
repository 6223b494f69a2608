"""benchmarks/intervals.py: how a number and its interval stand in a table."""

import numpy as np
import pytest
from scipy.stats import norm


@pytest.fixture(scope="module")
def intervals(load_benchmark):
    """The module."""
    return load_benchmark("intervals")


def ends(text):
    """The numbers of "0.1 (0.2 to 0.3)"."""
    return [float(word) for word in text.replace("(", "").replace(")", "").replace("to", "").split()]


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution(intervals):
    """With many images, within a tenth of its width."""
    values = np.random.default_rng(3).normal(0.9, 0.1, 400)
    mean, low, high = ends(intervals.mean_and_span(values))
    half = norm.ppf(0.975) * values.std() / 20
    assert mean == pytest.approx(values.mean(), abs=5e-5)
    assert [low, high] == pytest.approx([mean - half, mean + half], abs=half / 10)


def test_images_of_one_patient_are_drawn_together(intervals):
    """Two images of each of a hundred patients are no better than one."""
    values = np.random.default_rng(3).normal(0.9, 0.1, 100)
    once = intervals.mean_and_span(values)
    assert intervals.mean_and_span(np.repeat(values, 2), [str(place // 2) for place in range(200)]) == once


def test_one_patient_has_no_interval(intervals):
    """A dash stands for it."""
    assert intervals.mean_and_span(np.array([0.5]), form=".1%") == "50.0% (-)"


@pytest.mark.parametrize(("count", "mean"), [(30, 1.0), (19, 0.0), (3, 0.0)])
def test_the_worst_decile_is_the_mean_of_the_lowest_tenth(intervals, count, mean):
    """Of 0, 1, 2, ... in any order: 0, 1 and 2 of thirty; below twenty the lowest alone."""
    values = np.random.default_rng(3).permutation(np.arange(float(count)))
    assert intervals.worst_decile(values) == mean
