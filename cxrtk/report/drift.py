"""Comparison of two batches of segmented images: tests and effect sizes of measures; shares of flags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from cxrtk.report.entries import Entry
from cxrtk.report.measured import Measured

LEAST = 5  # minimum number of values per batch for a test
MOST_EXACT = 10_000  # product of both sample sizes up to which the p value is exact
CRITICAL = 1.358  # critical value of the Kolmogorov distribution at 5 %


@dataclass(frozen=True)
class Shift:
    """One measure in two batches.

    Attributes:
        measure: The measure.
        here: Values of this batch.
        there: Values of the other batch.
        distance: Statistic D of the two-sample Kolmogorov-Smirnov test, 0 to 1; ``None`` without a test.
        delta: Cliff's delta, -1 to 1: P(value here > value there) minus P(value here < value there).
        p_value: P value of the Kolmogorov-Smirnov test.
        q_value: The p value adjusted for the number of measures by the Benjamini-Hochberg method.
    """

    measure: Measured
    here: Sequence[float]
    there: Sequence[float]
    distance: float | None = None
    delta: float | None = None
    p_value: float | None = None
    q_value: float | None = None

    @property
    def smallest(self) -> float:
        """Smallest D that reaches p = 0.05 at these sample sizes, by the asymptotic distribution."""
        return float(CRITICAL * np.sqrt(1 / len(self.here) + 1 / len(self.there)))


@dataclass(frozen=True)
class Share:
    """A property of images in two batches.

    Attributes:
        label: Name of the property.
        here: Number of images with the property in this batch, and number of all its images.
        there: The same two numbers for the other batch.
        low: Lower end of the 95 % interval of the difference of shares, by Newcombe (1998), method 10.
        high: Upper end of that interval.
        p_value: P value of Fisher's exact test, two-sided.
    """

    label: str
    here: tuple[int, int]
    there: tuple[int, int]
    low: float
    high: float
    p_value: float

    @property
    def difference(self) -> float:
        """Share in this batch minus share in the other batch."""
        return self.here[0] / self.here[1] - self.there[0] / self.there[1]


def shifts(measures: Sequence[Measured], here: Sequence[Entry], there: Sequence[Entry]) -> list[Shift]:
    """Compare each measure of two batches; measures that one of them lacks are left out.

    Args:
        measures: The measures.
        here: Entries of this batch.
        there: Entries of the other batch.

    Returns:
        Measures available in both batches; no test if one batch has fewer than `LEAST` values.
    """
    found = []
    for measure in measures:
        first, second = ([value for each in batch if (value := measure.value(each)) is not None]
                         for batch in (here, there))  # fmt: skip
        if first and second:
            found.append(_shift(measure, first, second))
    tested = [each.p_value for each in found if each.p_value is not None]
    adjusted = iter(stats.false_discovery_control(tested) if tested else ())
    return [
        each if each.p_value is None else Shift(**{**vars(each), "q_value": float(next(adjusted))})
        for each in found
    ]


def _shift(measure: Measured, here: Sequence[float], there: Sequence[float]) -> Shift:
    if min(len(here), len(there)) < LEAST:
        return Shift(measure, here, there)
    method = "exact" if len(here) * len(there) <= MOST_EXACT else "asymp"
    test = stats.ks_2samp(here, there, method=method)
    above = stats.mannwhitneyu(here, there, method="asymptotic").statistic / (len(here) * len(there))
    return Shift(measure, here, there, float(test.statistic), float(2 * above - 1), float(test.pvalue))


def share(
    label: str, has_it: Callable[[Entry], bool], here: Sequence[Entry], there: Sequence[Entry]
) -> Share:
    """Compare the shares of images with a property in two non-empty batches."""
    first, second = sum(map(has_it, here)), sum(map(has_it, there))
    table = [[first, len(here) - first], [second, len(there) - second]]
    low, high = newcombe((first, len(here)), (second, len(there)))
    return Share(
        label, (first, len(here)), (second, len(there)), low, high, float(stats.fisher_exact(table).pvalue)
    )


def newcombe(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Return the 95 % interval of a difference of shares (Newcombe 1998, method 10, from Wilson's intervals).

    Args:
        first: Number of images with the property, and number of all images.
        second: The same two numbers for the other batch.

    >>> [round(end, 4) for end in newcombe((56, 70), (48, 80))]  # the first example of that paper
    [0.0524, 0.3339]
    """
    (one, other), ends = (first[0] / first[1], second[0] / second[1]), []
    for number, total in (first, second):
        ends.append(stats.binomtest(number, total).proportion_ci(0.95, "wilson"))
    difference = one - other
    below = np.hypot(one - ends[0].low, ends[1].high - other)
    above = np.hypot(ends[0].high - one, other - ends[1].low)
    return float(difference - below), float(difference + above)
