"""Hit rates of the localisation per finding, with confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import Final

from cxrtk.errors import DataError
from cxrtk.evaluation.bootstrap import LEVEL, Interval, interval_of_mean
from cxrtk.evaluation.localisation import LocalisedCase

THRESHOLDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)  # IoU thresholds reported by Wang et al.
ALL: Final = "all findings"
_ROUNDING = 1e-9  # tolerance, so that an overlap of exactly T counts


@dataclass(frozen=True)
class Rate:
    """Hit rate over a set of cases.

    Attributes:
        hits: Number of hits.
        cases: Number of cases.
        interval: 95 % confidence interval by patient, see `hit_rate`; ``None`` for fewer than two patients.
    """

    hits: int
    cases: int
    interval: Interval | None

    @property
    def value(self) -> float:
        """Hits divided by cases."""
        return self.hits / self.cases


@dataclass(frozen=True)
class LocalisationScores:
    """Localisation scores of one finding, or of all.

    Attributes:
        finding: Name of the finding, or `ALL`.
        cases: Number of images with at least one box of the finding; for `ALL` the sum over findings.
        patients: Number of patients of these images.
        without_contrast: Number of cases with a constant map, which count as misses everywhere.
        pointing: Hit rate of the pointing game.
        chance: Mean hit rate of uniformly random points in the pointing game.
        iou: T -> rate of cases where a region's IoU with a true box is at least T.
        iobb: T -> the same for the intersection over the region's own box.
        false_iou: T -> number of regions per image with an IoU below T for every true box.
        false_iobb: T -> the same for the intersection over the region's own box.
    """

    finding: str
    cases: int
    patients: int
    without_contrast: int
    pointing: Rate
    chance: float
    iou: Mapping[float, Rate]
    iobb: Mapping[float, Rate]
    false_iou: Mapping[float, float]
    false_iobb: Mapping[float, float]


def summarise(
    cases: Sequence[LocalisedCase], thresholds: Sequence[float] = THRESHOLDS
) -> list[LocalisationScores]:
    """Summarise each finding in the order of first occurrence, followed by all findings together.

    Args:
        cases: One case per image and finding, from `cxrtk.evaluation.localisation.localise`.
        thresholds: Thresholds T of IoU@T and IoBB@T.

    Raises:
        DataError: There is no case, or an image has two cases of one finding.
    """
    pairs = [(case.image, case.finding) for case in cases]
    if not pairs or len(set(pairs)) < len(pairs):
        twice = sorted({pair for pair in pairs if pairs.count(pair) > 1})
        raise DataError(f"Needs one case for each image and finding, not {twice or 'none'}.")
    findings = dict.fromkeys(case.finding for case in cases)
    of_each = [
        _scores(finding, [case for case in cases if case.finding == finding], thresholds)
        for finding in findings
    ]
    return [*of_each, _scores(ALL, cases, thresholds)]


def hit_rate(hits: Sequence[bool], patients: Sequence[str]) -> Rate:
    """Return the hit rate, with a 95 % interval over patients.

    The interval is the bootstrap by patient, as for all other means. Where every case is a hit, or none, all
    resamples are equal and that interval has zero width; there it is Wilson's (JASA 22:209-212, 1927) with
    the number of patients as trials, which counts the images of one patient as one trial.
    """
    number = len(set(patients))
    if 0 < sum(hits) < len(hits):
        interval = interval_of_mean([float(hit) for hit in hits], patients)
    else:
        interval = wilson(number * hits[0], number) if number > 1 else None
    return Rate(sum(hits), len(hits), interval)


def wilson(hits: int, trials: int) -> Interval:
    """Return Wilson's 95 % score interval of a proportion.

    >>> tuple(round(end, 4) for end in wilson(0, 10))
    (0.0, 0.2775)
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = hits / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low, high = ((middle + sign * half) / (1 + z * z / trials) for sign in (-1, 1))
    return max(low, 0.0) if hits else 0.0, min(high, 1.0) if hits < trials else 1.0


def _scores(finding: str, cases: Sequence[LocalisedCase], thresholds: Sequence[float]) -> LocalisationScores:
    patients = [case.patient for case in cases]

    def rates(overlaps: Sequence[Sequence[float]]) -> dict[float, Rate]:
        return {
            limit: hit_rate([max(values, default=0.0) >= limit - _ROUNDING for values in overlaps], patients)
            for limit in thresholds
        }

    def false(overlaps: Sequence[Sequence[float]]) -> dict[float, float]:
        return {
            limit: fmean(sum(value < limit - _ROUNDING for value in values) for values in overlaps)
            for limit in thresholds
        }

    ious, iobbs = [case.ious for case in cases], [case.iobbs for case in cases]
    return LocalisationScores(
        finding=finding,
        cases=len(cases),
        patients=len(set(patients)),
        without_contrast=sum(not case.contrast for case in cases),
        pointing=hit_rate([case.pointing for case in cases], patients),
        chance=fmean(case.chance for case in cases),
        iou=rates(ious),
        iobb=rates(iobbs),
        false_iou=false(ious),
        false_iobb=false(iobbs),
    )
