"""Dice by threshold, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from cxrtk.evaluation.curves import count_pixels
from cxrtk.report.figures import threshold
from tests.report.figures.cases import pixels


def test_dice_by_threshold_is_that_of_masks_cut_there():
    """Three images, five thresholds, by scikit-learn's F1."""
    images = [pixels(seed) for seed in range(3)]
    found = threshold.dice_by_threshold(np.stack([count_pixels(*image) for image in images]))
    for cut in (100, 301, 500, 702, 950):
        expected = [f1_score(truth, given >= np.float32(cut / 1000)) for given, truth in images]
        assert found.mean[cut] == pytest.approx(np.mean(expected))


def test_the_best_threshold_has_the_highest_mean():
    """Of all thousandths."""
    images = [pixels(seed) for seed in range(3)]
    found = threshold.dice_by_threshold(np.stack([count_pixels(*image) for image in images]))
    assert found.mean[round(found.best * 1000)] == found.mean.max()


def test_of_several_best_thresholds_the_middle_one():
    """Probabilities of 0.2 outside and 0.8 inside: each cut between them is right."""
    truth = np.array([0, 0, 1, 1], np.uint8)
    found = threshold.dice_by_threshold(
        count_pixels(np.where(truth, 0.8, 0.2).astype(np.float32), truth)[None]
    )
    assert found.best == pytest.approx(0.5, abs=0.002) and found.mean.max() == 1.0
    assert found.mean[0] == pytest.approx(2 * 2 / (4 + 2)) and found.mean[1000] == 0.0


def test_empty_truth_and_empty_mask_agree():
    """Dice 1 where nothing is cut out of an empty image; 0 where something is."""
    empty = count_pixels(np.full(4, 0.3, np.float32), np.zeros(4, np.uint8))[None]
    found = threshold.dice_by_threshold(empty)
    assert (found.mean[200], found.mean[400]) == (0.0, 1.0)
