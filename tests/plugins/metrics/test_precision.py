"""Precision against scikit-learn, and where it is undefined."""

import pytest
from sklearn.metrics import precision_score

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import DEFINED, EMPTY, FULL, PAIR, batch


def precision(prediction, truth):
    metric = metrics.create("precision")
    metric(batch(prediction), batch(truth))
    return metric.aggregate().item()


@pytest.mark.parametrize("case", DEFINED)
def test_is_scikit_learns(case):
    """`precision_score` of the pixels."""
    prediction, truth = DEFINED[case]
    expected = precision_score(truth.ravel(), prediction.ravel(), pos_label=1)
    assert precision(prediction, truth) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [(EMPTY, PAIR, 0.0), (PAIR, EMPTY, 0.0), (FULL, EMPTY, 0.0), (EMPTY, EMPTY, 1.0)],
)
def test_empty_and_full_masks(prediction, truth, expected):
    """By the definition where it gives a number; else 1 for equal masks and 0 for others."""
    assert precision(prediction, truth) == expected
