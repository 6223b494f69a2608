"""Normalised surface Dice against SciPy's distance transform."""

import numpy as np
import pytest

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import DEFINED, EMPTY, PAIR, SPACINGS, batch, both_ways


def nsd(prediction, truth, spacing=None, **settings):
    metric = metrics.create("nsd", **settings)
    metric(batch(prediction), batch(truth), spacing=spacing)
    return metric.aggregate().item()


@pytest.mark.parametrize("tolerance", [0.0, 1.0, 3.3])
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("case", DEFINED)
def test_is_scipys(case, spacing, tolerance):
    """The share of SciPy's distances, of both directions, within the tolerance."""
    expected = (np.concatenate(both_ways(*DEFINED[case], spacing)) <= tolerance).mean()
    assert nsd(*DEFINED[case], spacing, tolerance=tolerance) == pytest.approx(expected, abs=1e-6)


def test_the_tolerance_is_two():
    """Without a setting."""
    expected = (np.concatenate(both_ways(*DEFINED["ragged"], (1, 1))) <= 2).mean()
    assert nsd(*DEFINED["ragged"]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"), [(EMPTY, PAIR, 0.0), (PAIR, EMPTY, 0.0), (EMPTY, EMPTY, 1.0)]
)
def test_empty_masks(prediction, truth, expected):
    """Nothing of an outline is where there is none; two empty masks are equal."""
    assert nsd(prediction, truth) == expected


@pytest.mark.parametrize("tolerance", [-1.0, float("inf"), float("nan")])
def test_a_tolerance_is_a_distance(tolerance):
    """Neither negative nor without end."""
    with pytest.raises(ValueError, match="tolerance"):
        metrics.create("nsd", tolerance=tolerance)
