"""Average precision of pixels against scikit-learn and MONAI."""

import numpy as np
import pytest
import torch
from monai.metrics.average_precision import compute_average_precision
from sklearn.metrics import average_precision_score

from cxrtk import metrics
from tests.plugins.metrics.mask_cases import EMPTY, FULL, PAIR, SHAPE, disc, pixel, probabilities


def average_precision(values, truth):
    metric = metrics.create("average_precision")
    pair = (torch.from_numpy(array.astype(np.float32))[None, None] for array in (values, truth))
    metric(*pair)
    return metric.aggregate().item()


CONSTANT = np.full(SHAPE, 0.3, np.float32)
CASES = [
    *(probabilities(seed) for seed in range(4)),
    (CONSTANT, PAIR),
    (disc(20, 28, 12), PAIR),
    (1 - PAIR, PAIR),
    (probabilities(5)[0], pixel(0, 0)),
    (probabilities(6)[0], ~pixel(39, 55)),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_is_scikit_learns_and_monais(case):
    """With ties, constant values, a mask as prediction, the reverse of the truth, one pixel, all but one."""
    values, truth = CASES[case]
    found = average_precision(values, truth)
    assert found == pytest.approx(average_precision_score(truth.ravel(), values.ravel()), abs=1e-6)
    flat = (torch.from_numpy(array.astype(np.float32).ravel()) for array in (values, truth))
    assert found == pytest.approx(float(compute_average_precision(*flat)), abs=1e-6)


@pytest.mark.parametrize(
    ("values", "truth", "expected"),
    [
        (CONSTANT, EMPTY, 1.0),
        (CONSTANT, FULL, 0.0),
        (1 - CONSTANT, FULL, 1.0),
        (probabilities(0)[0], EMPTY, 0.0),
    ],
)
def test_a_truth_of_one_kind(values, truth, expected):
    """1 where the prediction, cut at 0.5, is right everywhere; else 0."""
    assert average_precision(values, truth) == expected
