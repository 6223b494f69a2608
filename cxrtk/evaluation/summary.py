"""Summary statistics of an evaluation, per metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrtk.evaluation.bootstrap import RESAMPLES, Interval, interval_of_mean
from cxrtk.evaluation.table import Case, Evaluation, MetricAbout

DECILE = 10


@dataclass(frozen=True)
class Summary:
    """One metric over a set of images, failed ones included.

    Attributes:
        metric: Name of the metric.
        unit: Empty, ``mm``, ``mm2``, ``pixels`` or ``tolerance in mm``; images with and without a spacing are
            summarised separately.
        higher_is_better: Whether higher values are better.
        images: Number of images.
        patients: Number of patients.
        failures: Number of failed cases among the images.
        mean: Mean over all images.
        interval: 95 % bootstrap interval of the mean, by patient; ``None`` for fewer than two patients.
        median: Median over all images.
        sd: Standard deviation with n - 1 in the denominator; ``None`` for one image.
        worst_decile: Mean of the worst tenth of the images, rounded down but at least one.
        worst: Value of the worst image.
        best: Value of the best image.
    """

    metric: str
    unit: str
    higher_is_better: bool
    images: int
    patients: int
    failures: int
    mean: float
    interval: Interval | None
    median: float
    sd: float | None
    worst_decile: float
    worst: float
    best: float


def summarise(evaluation: Evaluation, *, resamples: int = RESAMPLES, seed: int = 0) -> list[Summary]:
    """Summarise each metric and unit, in the order of the metrics; see `summarise_cases`."""
    return [
        summary
        for name, about in evaluation.metrics.items()
        for summary in summarise_cases(evaluation.cases, name, about, resamples=resamples, seed=seed)
    ]


def summarise_cases(
    cases: Sequence[Case], name: str, about: MetricAbout, *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Summary]:
    """Summarise one metric: one summary, or one per unit where only some images have a spacing."""
    by_unit: dict[str, list[Case]] = {}
    for case in cases:
        by_unit.setdefault(about.unit_of(case), []).append(case)
    return [
        _summary(some, name, about, unit, resamples=resamples, seed=seed) for unit, some in by_unit.items()
    ]


def _summary(
    cases: Sequence[Case], name: str, about: MetricAbout, unit: str, *, resamples: int, seed: int
) -> Summary:
    patients = [case.patient for case in cases]
    values = np.array([case.values[name] for case in cases], dtype=np.float64)
    worst_first = np.sort(values) if about.higher_is_better else np.sort(values)[::-1]
    return Summary(
        metric=name,
        unit=unit,
        higher_is_better=about.higher_is_better,
        images=len(cases),
        patients=len(set(patients)),
        failures=sum(bool(case.failure) for case in cases),
        mean=float(values.mean()),
        interval=interval_of_mean(values.tolist(), patients, resamples=resamples, seed=seed),
        median=float(np.median(values)),
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        worst_decile=float(worst_first[: max(1, len(values) // DECILE)].mean()),
        worst=float(worst_first[0]),
        best=float(worst_first[-1]),
    )
