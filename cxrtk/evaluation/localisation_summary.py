"""From cases to rates: how often the maps of each finding hit, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import Final

from cxrtk.errors import DataError
from cxrtk.evaluation.bootstrap import LEVEL, Interval, interval_of_mean
from cxrtk.evaluation.localisation import LocalisedCase

THRESHOLDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)  # of IoU, as Wang et al. report it
ALL: Final = "all findings"
_ROUNDING = 1e-9  # an overlap of exactly T counts, however its last digit came out


@dataclass(frozen=True)
class Rate:
    """How many of the cases hit.

    Attributes:
        hits: Cases that do.
        cases: All.
        interval: 95 %, over patients; see `hit_rate`. ``None`` for fewer than two patients.
    """

    hits: int
    cases: int
    interval: Interval | None

    @property
    def value(self) -> float:
        """Hits over cases."""
        return self.hits / self.cases


@dataclass(frozen=True)
class LocalisationScores:
    """The scores of one finding, or of all.

    Attributes:
        finding: Its name, or `ALL`.
        cases: Images with at least one box of it; for `ALL` the sum over findings.
        patients: Whose images they are.
        without_contrast: Cases whose map has none; they count as misses everywhere.
        pointing: The pointing game.
        chance: What points thrown blindly would win of it, on average.
        iou: T -> cases where a region's IoU with a true box is at least T.
        iobb: T -> the same for the intersection over the region's own box.
        false_iou: T -> regions an image whose IoU with every true box is below T.
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
    """The scores of each finding in the order they first come, and last of all of them together.

    Args:
        cases: One for each image and finding, as `cxrtk.evaluation.localisation.localise` gives them.
        thresholds: The T of IoU@T and IoBB@T.

    Raises:
        DataError: There is no case, or an image has two of one finding.
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
    """The share of hits, with a 95 % interval over patients.

    The interval is the bootstrap's by patient, as for all other means. Where every case hits, or none, each
    resample is the same and that interval has no width; there it is Wilson's (JASA 22:209-212, 1927) for as
    many trials as there are patients, which takes images of one patient for one trial.
    """
    number = len(set(patients))
    if 0 < sum(hits) < len(hits):
        interval = interval_of_mean([float(hit) for hit in hits], patients)
    else:
        interval = wilson(number * hits[0], number) if number > 1 else None
    return Rate(sum(hits), len(hits), interval)


def wilson(hits: int, trials: int) -> Interval:
    """Wilson's 95 % score interval of a share.

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
