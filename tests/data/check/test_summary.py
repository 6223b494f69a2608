"""The numbers of a set, against those of the standard's definitions and of hand-made lists."""

import numpy as np
import pytest

from cxrtk.data.check.summary import MOST_VALUES, histogram, spread


@pytest.mark.parametrize("values", [[3.0], [1, 2], [5, 1, 4, 2, 3], list(range(100))])
def test_spread_is_numpys(values):
    """Quartiles as numpy interpolates them."""
    expected = [min(values), *np.quantile(values, [0.25, 0.5, 0.75]), max(values)]
    assert list((spread(values) or {}).values()) == pytest.approx(expected, abs=1e-4)


def test_spread_of_nothing():
    """No value, no numbers."""
    assert spread([]) is None


def test_histogram_is_ordered_and_bounded():
    """The most common first, equal ones by name; beyond 20 values only their number is told."""
    assert list(histogram(["b", "a", "c", "c", None])) == ["c", "a", "b"]
    many = histogram(f"{number:02d}" for number in range(MOST_VALUES + 5))
    assert len(many) == MOST_VALUES + 1 and many["(others)"] == 5


def test_long_values_are_cut():
    """A report in a column that ought to hold codes does not come out whole."""
    assert list(histogram(["x" * 500])) == ["x" * 40]
