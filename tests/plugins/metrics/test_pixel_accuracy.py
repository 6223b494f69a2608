"""Pixel accuracy against scikit-learn, and the cases that a metric likes to hide."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score

from cxrtk import metrics

EMPTY, FULL = torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)
LEFT = torch.cat([torch.ones(1, 1, 4, 2), torch.zeros(1, 1, 4, 2)], dim=3)


def accuracy(pred: torch.Tensor, truth: torch.Tensor) -> float:
    metric = metrics.create("pixel_accuracy")
    metric(pred, truth)
    return metric.aggregate().item()


@pytest.mark.parametrize("seed", range(5))
def test_random_masks_score_as_sklearns_accuracy(seed):
    """The mean over images of scikit-learn's accuracy of the pixels."""
    rng = np.random.default_rng(seed)
    pred, truth = (rng.random((6, 1, 9, 13)) < rng.random() for _ in range(2))
    expected = np.mean([accuracy_score(t.ravel(), p.ravel()) for p, t in zip(pred, truth, strict=True)])
    assert accuracy(torch.tensor(pred).float(), torch.tensor(truth).float()) == pytest.approx(
        expected, abs=1e-6
    )


@pytest.mark.parametrize(
    ("pred", "truth", "expected"),
    [(EMPTY, LEFT, 0.5), (LEFT, EMPTY, 0.5), (EMPTY, EMPTY, 1.0), (LEFT, LEFT, 1.0), (FULL, EMPTY, 0.0)],
)
def test_one_image(pred, truth, expected):
    """The share of right pixels; an empty prediction still gets the background right: 8 of 16."""
    assert accuracy(pred, truth) == pytest.approx(expected)


def test_no_image_is_left_out_of_the_mean():
    """Half right, an empty pair, all wrong, all right: (0.5 + 1 + 0 + 1) / 4."""
    pred, truth = torch.cat([EMPTY, EMPTY, FULL, LEFT]), torch.cat([LEFT, EMPTY, EMPTY, LEFT])
    assert accuracy(pred, truth) == pytest.approx(0.625)


def test_the_buffer_holds_one_number_an_image():
    """What per-image tables are written from: (images, channels), where MONAI's own holds four counts."""
    metric = metrics.create("pixel_accuracy")
    metric(torch.cat([EMPTY, LEFT, FULL]), torch.cat([LEFT, LEFT, EMPTY]))
    assert metric.get_buffer().tolist() == [[0.5], [1.0], [0.0]]


def test_a_metric_that_has_seen_nothing_says_so():
    """No image, no number."""
    with pytest.raises(ValueError, match="received no images"):
        metrics.create("pixel_accuracy").aggregate()


def test_a_batch_and_single_images_agree():
    """The size of a batch does not weigh: 4 + 1 images score as 5 single ones."""
    generator = torch.Generator().manual_seed(0)
    pred, truth = ((torch.rand(5, 1, 8, 8, generator=generator) < 0.5).float() for _ in range(2))
    batches, singles = metrics.create("pixel_accuracy"), metrics.create("pixel_accuracy")
    for part in (slice(0, 4), slice(4, 5)):
        batches(pred[part], truth[part])
    for index in range(5):
        singles(pred[index : index + 1], truth[index : index + 1])
    assert batches.aggregate().item() == pytest.approx(singles.aggregate().item())
