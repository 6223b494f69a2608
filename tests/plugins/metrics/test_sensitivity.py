"""Sensitivity against scikit-learn, and where it is undefined."""

import pytest
from sklearn.metrics import recall_score

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import DEFINED, EMPTY, FULL, PAIR, batch


def sensitivity(prediction, truth):
    metric = metrics.create("sensitivity")
    metric(batch(prediction), batch(truth))
    return metric.aggregate().item()


@pytest.mark.parametrize("case", DEFINED)
def test_is_scikit_learns(case):
    """`recall_score` of the pixels."""
    prediction, truth = DEFINED[case]
    expected = recall_score(truth.ravel(), prediction.ravel(), pos_label=1)
    assert sensitivity(prediction, truth) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [(EMPTY, PAIR, 0.0), (PAIR, EMPTY, 0.0), (FULL, PAIR, 1.0), (EMPTY, EMPTY, 1.0)],
)
def test_empty_and_full_masks(prediction, truth, expected):
    """By the definition where it gives a number; else 1 for equal masks and 0 for others."""
    assert sensitivity(prediction, truth) == expected
