"""Areas under ROC curves of images, against scikit-learn's and a plain bootstrap."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from cxrtk.errors import DataError
from cxrtk.evaluation.findings import (
    FindingAuc,
    auc,
    auc_interval,
    average_precision,
    mean_auc,
    score_findings,
)


def drawn(count, seed=0, steps=7):
    """Scores with many ties, and labels that they tell something of."""
    rng = np.random.default_rng(seed)
    labels = rng.random(count) < 0.3
    return np.round(rng.random(count) * steps + labels * 2) / steps, labels.astype(int)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_scikit_learns(seed):
    """Ties, too."""
    scores, labels = drawn(200, seed)
    assert auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_average_precision_is_scikit_learns(seed):
    """Ties, too."""
    scores, labels = drawn(200, seed)
    assert average_precision(scores, labels) == pytest.approx(
        average_precision_score(labels, scores), abs=1e-12
    )


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1]])
def test_there_is_no_area_where_all_are_one(labels):
    """Neither 0, nor a half."""
    assert auc([0.1, 0.2, 0.3], labels) is None


def test_the_interval_is_that_of_a_plain_bootstrap_by_patient():
    """Patients drawn with the same generator, their images joined, scikit-learn's area of each resample."""
    scores, labels = drawn(60)
    patients = [f"p{number // 3}" for number in range(60)]
    rng = np.random.default_rng(3)
    areas = []
    for _ in range(200):
        rows = np.concatenate([np.arange(3) + 3 * patient for patient in rng.integers(20, size=20)])
        if 0 < labels[rows].sum() < len(rows):
            areas.append(roc_auc_score(labels[rows], scores[rows]))
    expected = np.percentile(areas, [2.5, 97.5])
    found = auc_interval(scores, labels, patients, resamples=200, seed=3)
    assert found == pytest.approx(tuple(expected), abs=1e-12)


def test_images_of_one_patient_widen_the_interval():
    """Ten copies of each image say no more than one."""
    scores, labels = drawn(40)
    patients = [f"p{number}" for number in range(40)]
    once = auc_interval(scores, labels, patients)
    tenfold = auc_interval(np.tile(scores, 10), np.tile(labels, 10), patients * 10)
    assert tenfold == pytest.approx(once, abs=1e-12)


def test_too_few_patients_have_no_interval():
    """Where no resample holds both kinds often enough."""
    assert auc_interval([0.1, 0.9], [0, 1], ["a", "a"], resamples=50) == (1.0, 1.0)
    assert auc_interval([0.1], [0], ["a"]) is None


def test_a_finding_that_nobody_has_stands_in_no_mean():
    """It is listed, with no area."""
    labels = np.array([[1, 0], [0, 0], [1, 0]])
    scores = score_findings(np.array([[0.9, 0.1], [0.2, 0.3], [0.8, 0.2]]), labels, "abc", ["Mass", "Hernia"])
    assert [(score.finding, score.positive, score.auc) for score in scores] == [
        ("Mass", 2, 1.0),
        ("Hernia", 0, None),
    ]
    assert mean_auc(scores) == 1.0


def test_the_metric_is_the_mean_of_scikit_learns_areas():
    """Fed batch by batch, once as lists as MONAI's handlers do."""
    rng = np.random.default_rng(1)
    labels = (rng.random((30, 3)) < 0.4).astype(np.float32)
    probabilities = rng.random((30, 3)).astype(np.float32)
    metric = FindingAuc()
    metric(torch.from_numpy(probabilities[:16]), torch.from_numpy(labels[:16]))
    metric(list(torch.from_numpy(probabilities[16:])), list(torch.from_numpy(labels[16:])))
    expected = np.mean([roc_auc_score(labels[:, place], probabilities[:, place]) for place in range(3)])
    assert float(metric.aggregate()) == pytest.approx(expected, abs=1e-7)


def test_the_metric_passes_over_a_finding_that_nobody_has():
    """MONAI's own gives not-a-number then."""
    metric = FindingAuc()
    metric(torch.tensor([[0.9, 0.5], [0.1, 0.5]]), torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
    assert float(metric.aggregate()) == 1.0


def test_the_metric_says_so_where_no_finding_has_an_area():
    """In one line, as a DataError."""
    metric = FindingAuc()
    metric(torch.zeros(2, 14), torch.zeros(2, 14))
    with pytest.raises(DataError, match="None of 14 findings"):
        metric.aggregate()
