"""Classification metrics per finding: area under the ROC curve, with bootstrap intervals by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.metrics.metric import CumulativeIterationMetric
from scipy.stats import rankdata

from cxrtk.errors import DataError
from cxrtk.evaluation.bootstrap import LEVEL, RESAMPLES, Interval

Scores = npt.NDArray[np.float64]
LEAST = 100  # minimum number of resamples with a defined AUC, for an interval


def auc(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float | None:
    """Return the area under the ROC curve: P(score of a positive > score of a negative), ties counting half.

    Equals scikit-learn's ``roc_auc_score``; computed by ranks (Mann and Whitney 1947).

    Args:
        scores: (N,), any range.
        labels: (N,) of 0 and 1.

    Returns:
        The AUC; ``None`` where all labels are equal.

    >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    positive = np.asarray(labels) > 0
    count = int(positive.sum())
    others = positive.size - count
    if not count or not others:
        return None
    ranks = rankdata(np.asarray(scores, np.float64))  # from 1, tied ranks averaged
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def auc_interval(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    patients: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval | None:
    """Return the 95 % percentile bootstrap interval of `auc`, resampling patients, not images.

    Resamples with images of one class only have no AUC and are left out.

    Args:
        scores: (N,), any range.
        labels: (N,) of 0 and 1.
        patients: Patient of each image.
        resamples: Number of bootstrap resamples.
        seed: Seed of the bootstrap; equal seeds and data give equal intervals.

    Returns:
        (low, high); ``None`` where fewer than `LEAST` resamples have an AUC.
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(labels) > 0
    index = {patient: number for number, patient in enumerate(dict.fromkeys(patients))}
    whose = np.array([index[patient] for patient in patients], dtype=np.intp)
    order = np.argsort(values, kind="stable")
    values, positive, whose = values[order], positive[order], whose[order]
    starts = np.flatnonzero(np.append(True, np.diff(values) > 0))  # start indices of runs of equal scores
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        drawn = np.bincount(rng.integers(len(index), size=len(index)), minlength=len(index))[whose]
        with_it = np.add.reduceat(np.where(positive, drawn, 0), starts).astype(np.float64)
        without = np.add.reduceat(np.where(positive, 0, drawn), starts).astype(np.float64)
        pairs = with_it.sum() * without.sum()
        if pairs:
            below = np.cumsum(without) - without
            found.append(float((with_it * (below + without / 2)).sum() / pairs))
    if len(found) < min(LEAST, resamples):
        return None
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(found, [tail, 100 - tail])
    return float(low), float(high)


@dataclass(frozen=True)
class FindingScore:
    """Scores of one finding over a set of images.

    Attributes:
        finding: Name of the finding.
        images: Number of images.
        positive: Number of images with the finding.
        auc: Area under the ROC curve; ``None`` where all or none of the images have the finding.
        interval: 95 % bootstrap interval of the AUC, by patient.
        average_precision: Area under the precision-recall curve; ``None`` where no image has the finding.
    """

    finding: str
    images: int
    positive: int
    auc: float | None
    interval: Interval | None
    average_precision: float | None


def score_findings(
    probabilities: npt.ArrayLike,
    labels: npt.ArrayLike,
    patients: Sequence[str],
    names: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[FindingScore]:
    """Score each finding.

    Args:
        probabilities: (N, F) in [0, 1].
        labels: (N, F) of 0 and 1.
        patients: Patient of each row.
        names: Names of the findings.
        resamples: Number of bootstrap resamples.
        seed: Seed of the bootstrap.
    """
    columns, truth = np.asarray(probabilities, np.float64), np.asarray(labels) > 0
    scores = []
    for place, name in enumerate(names):
        area = auc(columns[:, place], truth[:, place])
        interval = None
        if area is not None:
            interval = auc_interval(
                columns[:, place], truth[:, place], patients, resamples=resamples, seed=seed
            )
        scores.append(
            FindingScore(
                name,
                len(truth),
                int(truth[:, place].sum()),
                area,
                interval,
                average_precision(columns[:, place], truth[:, place]),
            )
        )
    return scores


def average_precision(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float | None:
    """Return the average precision, the sum of recall steps times precision, as in scikit-learn.

    Returns:
        The average precision; ``None`` where no label is 1.
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(labels) > 0
    if not positive.any():
        return None
    order = np.argsort(-values, kind="stable")
    values, positive = values[order], positive[order]
    ends = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)  # end indices of runs of equal scores
    true = np.cumsum(positive)[ends]
    precision = true / (ends + 1)
    recall = true / positive.sum()
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def mean_auc(scores: Sequence[FindingScore]) -> float | None:
    """Return the mean AUC over the findings that have one; ``None`` if none has."""
    areas = [score.auc for score in scores if score.auc is not None]
    return float(np.mean(areas)) if areas else None


class FindingAuc(CumulativeIterationMetric):
    """MONAI metric: mean over findings of the area under the ROC curve of the images.

    Called on (B, F) probabilities and labels, or lists of (F,). Findings present in all or none of the images
    have no AUC and are left out of the mean. (MONAI's `ROCAUCMetric` then returns NaN for all.)
    """

    def aggregate(self) -> torch.Tensor:
        """Return the mean AUC, a scalar tensor.

        Raises:
            DataError: No finding has both positive and negative images.
        """
        probabilities, labels = (each.cpu().numpy() for each in self._seen())
        areas = [auc(probabilities[:, place], labels[:, place]) for place in range(labels.shape[1])]
        some = [area for area in areas if area is not None]
        if not some:
            raise DataError(
                f"None of {labels.shape[1]} findings is on some of the {len(labels)} images and missing on "
                "others, so there is no ROC curve; add images, or split by another seed."
            )
        return torch.tensor(some, dtype=torch.float64).mean()

    def _seen(self) -> tuple[torch.Tensor, torch.Tensor]:
        data: Any = self.get_buffer()  # type: ignore[no-untyped-call]
        if data is None:
            raise ValueError("FindingAuc has received no images.")
        probabilities, labels = data
        return probabilities, labels

    def _compute_tensor(  # type: ignore[override]
        self, y_pred: torch.Tensor, y: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Buffer (B, F) predictions and labels unchanged."""
        if y is None or y.shape != y_pred.shape or y.ndim != 2:
            shapes = tuple(y_pred.shape), None if y is None else tuple(y.shape)
            raise ValueError(f"FindingAuc takes two (B, F) tensors, not {shapes}.")
        return y_pred.detach().double(), y.detach().double()
