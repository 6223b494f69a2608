"""Paired comparison of two evaluations of the same images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

from cxrtk.errors import DataError
from cxrtk.evaluation.bootstrap import RESAMPLES, Interval, interval_of_mean, means_by_patient
from cxrtk.evaluation.table import Case, Evaluation


@dataclass(frozen=True)
class Comparison:
    """One metric of two evaluations, paired by image; differences are first minus second.

    Attributes:
        metric: Name of the metric.
        unit: Empty, ``mm``, ``mm2`` or ``pixels``.
        higher_is_better: Whether higher values are better.
        pairs: Number of images in both evaluations.
        patients: Number of patients of these images.
        first: Mean of the first evaluation over the pairs.
        second: Mean of the second evaluation over the pairs.
        difference: Mean difference.
        interval: 95 % bootstrap interval of the difference, by patient; ``None`` for fewer than two patients.
        p_value: Two-sided Wilcoxon signed-rank test on the patients' mean differences; 1 where all are 0,
            ``None`` for fewer than two patients.
        better: Number of pairs in which the first is better.
        worse: Number of pairs in which the first is worse.
    """

    metric: str
    unit: str
    higher_is_better: bool
    pairs: int
    patients: int
    first: float
    second: float
    difference: float
    interval: Interval | None
    p_value: float | None
    better: int
    worse: int


def compare(
    first: Evaluation, second: Evaluation, *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Comparison]:
    """Compare two evaluations over their common images; a failed case takes its worst value in each.

    Raises:
        DataError: They have no image in common, or were scored against different ground truth.
    """
    if first.truth != second.truth:
        raise DataError(
            f"One was measured against {first.truth}, the other against {second.truth}, so they cannot "
            "be compared."
        )
    others = {case.image: case for case in second.cases}
    pairs = [(case, others[case.image]) for case in first.cases if case.image in others]
    if not pairs:
        raise DataError("The two evaluations have no image in common; were they of the same data set?")
    for one, other in pairs:
        if (one.shape, one.truth_pixels) != (other.shape, other.truth_pixels):
            raise DataError(f"{one.image}: its true mask differs between the two evaluations.")
        if one.spacing_mm != other.spacing_mm:
            raise DataError(f"{one.image}: its spacing differs between the two evaluations.")
    return [
        found
        for name in first.metrics
        if name in second.metrics
        for found in _compare(first, pairs, name, resamples, seed)
    ]


def _compare(
    first: Evaluation, pairs: list[tuple[Case, Case]], name: str, resamples: int, seed: int
) -> list[Comparison]:
    """Return one comparison per unit."""
    about = first.metrics[name]
    by_unit: dict[str, list[tuple[Case, Case]]] = {}
    for pair in pairs:
        by_unit.setdefault(about.unit_of(pair[0]), []).append(pair)
    found = []
    for unit, some in by_unit.items():
        patients = [one.patient for one, _ in some]
        values = np.array([(one.values[name], other.values[name]) for one, other in some])  # (N, 2)
        differences = values[:, 0] - values[:, 1]
        gains = differences if about.higher_is_better else -differences
        found.append(
            Comparison(
                metric=name,
                unit=unit,
                higher_is_better=about.higher_is_better,
                pairs=len(some),
                patients=len(set(patients)),
                first=float(values[:, 0].mean()),
                second=float(values[:, 1].mean()),
                difference=float(differences.mean()),
                interval=interval_of_mean(differences.tolist(), patients, resamples=resamples, seed=seed),
                p_value=_p_value(differences.tolist(), patients),
                better=int((gains > 0).sum()),
                worse=int((gains < 0).sum()),
            )
        )
    return found


def _p_value(differences: list[float], patients: list[str]) -> float | None:
    means = means_by_patient(differences, patients)
    if len(means) < 2:
        return None
    if not means.any():
        return 1.0
    return float(wilcoxon(means).pvalue)
