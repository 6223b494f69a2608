"""ASSD against SciPy's distance transform, and what an empty mask counts."""

import numpy as np
import pytest

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import DEFINED, DIAGONAL, EMPTY, PAIR, SPACINGS, batch, both_ways


def assd(prediction, truth, spacing=None):
    metric = metrics.create("assd")
    metric(batch(prediction), batch(truth), spacing=spacing)
    return metric.aggregate().item()


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("case", DEFINED)
def test_is_scipys(case, spacing):
    """The mean of SciPy's distances of both directions together."""
    expected = np.concatenate(both_ways(*DEFINED[case], spacing)).mean()
    assert assd(*DEFINED[case], spacing) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [(EMPTY, PAIR, DIAGONAL), (PAIR, EMPTY, DIAGONAL), (EMPTY, EMPTY, 0.0)],
)
def test_an_empty_mask_counts_the_diagonal(prediction, truth, expected):
    """From corner to corner; two empty masks are equal."""
    assert assd(prediction, truth) == pytest.approx(expected)
