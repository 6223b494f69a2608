"""Dice against scikit-learn, and the cases that a metric likes to hide."""

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from cxrtk import metrics

EMPTY, FULL = torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)
LEFT = torch.cat([torch.ones(1, 1, 4, 2), torch.zeros(1, 1, 4, 2)], dim=3)


def dice(pred: torch.Tensor, truth: torch.Tensor) -> float:
    metric = metrics.create("dice")
    metric(pred, truth)
    return metric.aggregate().item()


@pytest.mark.parametrize("seed", range(5))
def test_random_masks_score_as_sklearns_f1(seed):
    """The mean over images of scikit-learn's F1 of the pixels."""
    rng = np.random.default_rng(seed)
    pred, truth = (rng.random((6, 1, 9, 13)) < rng.random() for _ in range(2))
    expected = np.mean([f1_score(t.ravel(), p.ravel()) for p, t in zip(pred, truth, strict=True)])
    assert dice(torch.tensor(pred).float(), torch.tensor(truth).float()) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("pred", "truth", "expected"),
    [(EMPTY, LEFT, 0.0), (LEFT, EMPTY, 0.0), (EMPTY, EMPTY, 1.0), (LEFT, LEFT, 1.0), (FULL, LEFT, 2 / 3)],
)
def test_one_image(pred, truth, expected):
    """Missed and invented lungs count 0, nothing where nothing is counts 1; 2 x 8 / (16 + 8) by hand."""
    assert dice(pred, truth) == pytest.approx(expected)


def test_no_image_is_left_out_of_the_mean():
    """A miss, an invention, an empty pair and a perfect one: (0 + 0 + 1 + 1) / 4."""
    pred, truth = torch.cat([EMPTY, LEFT, EMPTY, LEFT]), torch.cat([LEFT, EMPTY, EMPTY, LEFT])
    assert dice(pred, truth) == pytest.approx(0.5)


def test_a_batch_and_single_images_agree():
    """The size of a batch does not weigh: 4 + 1 images score as 5 single ones."""
    generator = torch.Generator().manual_seed(0)
    pred, truth = ((torch.rand(5, 1, 8, 8, generator=generator) < 0.5).float() for _ in range(2))
    batches, singles = metrics.create("dice"), metrics.create("dice")
    for part in (slice(0, 4), slice(4, 5)):
        batches(pred[part], truth[part])
    for index in range(5):
        singles(pred[index : index + 1], truth[index : index + 1])
    assert batches.aggregate().item() == pytest.approx(singles.aggregate().item())
