"""Bootstrap confidence interval of a mean, resampled by patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
LEVEL = 0.95
_AT_ONCE = 4_000_000  # random numbers drawn at once; bounds the memory

Interval = tuple[float, float]


def interval_of_mean(
    values: Sequence[float], patients: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> Interval | None:
    """Return the 95 % percentile bootstrap interval of a mean, resampling patients, not images.

    Images of one patient are correlated; resampling single images would overstate the number of cases. Each
    resample draws as many patients as there are, with replacement, and takes the mean of all their images
    (Efron and Tibshirani 1993, chapter 13; for groups, Field and Welsh 2007).

    Args:
        values: One value per image.
        patients: Patient of each image.
        resamples: Number of bootstrap resamples.
        seed: Seed of the bootstrap; equal seeds and data give equal intervals.

    Returns:
        (low, high); ``None`` for fewer than two patients, which give no interval.

    >>> interval_of_mean([1.0, 1.0], ["a", "b"])
    (1.0, 1.0)
    """
    sums, counts = _by_patient(values, patients)
    number = len(sums)
    if number < 2:
        return None
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    step = max(1, _AT_ONCE // number)
    for first in range(0, resamples, step):
        rows = slice(first, min(first + step, resamples))
        drawn = rng.integers(number, size=(rows.stop - rows.start, number))
        means[rows] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def means_by_patient(values: Sequence[float], patients: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the mean of each patient's values, in the order of the patients' first images."""
    sums, counts = _by_patient(values, patients)
    return sums / counts


def _by_patient(
    values: Sequence[float], patients: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the sum and the number of each patient's values."""
    index = {patient: number for number, patient in enumerate(dict.fromkeys(patients))}
    which = np.array([index[patient] for patient in patients], dtype=np.intp)
    sums, counts = np.zeros(len(index)), np.zeros(len(index))
    np.add.at(sums, which, values)
    np.add.at(counts, which, 1)
    return sums, counts
