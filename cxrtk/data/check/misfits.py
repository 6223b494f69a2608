"""Masks that do not fit their pictures: rotated, shifted, or from another image; singly or systematically.

The bounds were set on comparisons with sources that were not used to fit the expectation: 9 in 1,000 of 1,262
hand-drawn masks exceed them. docs/check.md has the numbers, ``benchmarks/check_masks.py`` measures them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from cxrtk.classes import HEART, LUNGS
from cxrtk.data.check.agreement import AS_IT_IS, CHANGES, Agreement
from cxrtk.data.check.issue import Issue

# A picture is not compared if its expectation is this uncertain: it is no chest like those it was fitted to.
MOST_DOUBT: Final = 0.9
# A change must raise the correlation by this much; the heart, nearly round, by more.
CLEARLY: Final = 0.05
CLEARLY_OF_HEART: Final = 0.2
# Bounds depend linearly on the doubt: (value without doubt, slope, minimum, maximum).
FARTHEST: Final = (-0.01, 0.1, 0.015, 0.06)  # distance, as a fraction of the image's sides
LEAST_FIT: Final = (1.025, -0.65, 0.3, 0.9)  # correlation
OF_ONE_SIDE: Final = 0.02, -0.05  # one lung alone is compared less exactly
# For a set: minimum number of images, mean gain and share for one change, mean offset, share of misfits.
LEAST_IMAGES: Final = 5
MEAN_GAIN, MOST_IMAGES = 0.02, 0.7
MEAN_OFFSET: Final = 0.02
EXCHANGED_SHARE: Final = 0.3
CURE: Final = "correct how the masks are written or read, or the pairing of the files"


class Misfit(NamedTuple):
    """Code of an issue on one mask, and its detail."""

    code: str
    detail: str


def misfit(found: Sequence[Agreement]) -> Misfit | None:
    """Judge the classes of one label; the first misfit is reported, the lungs before the others."""
    for each in found:
        if each.doubt <= MOST_DOUBT and (judged := _judge(each)) is not None:
            return judged
    return None


def habits(sets: Sequence[Sequence[Agreement]]) -> Iterator[Issue]:
    """Judge all labels of a set together, each class separately.

    Args:
        sets: Comparisons of each image that has a label, from `agreements`.
    """
    names = dict.fromkeys(each.name for found in sets for each in found)
    told: set[str] = set()
    for name in names:
        compared = [
            each for found in sets for each in found if each.name == name and each.doubt <= MOST_DOUBT
        ]
        if len(compared) < LEAST_IMAGES:
            continue
        issue = _habit(name, compared)
        if issue is not None and issue.code not in told:
            told.add(issue.code)
            yield issue


def turned_share(name: str, compared: Sequence[Agreement]) -> tuple[str, float, float]:
    """Return the change that fits a set best, its mean gain, and the share of masks it improves."""
    gains = {
        change: np.array([each.fits[change] - each.fit for each in compared])
        for change in CHANGES
        if change != AS_IT_IS
    }
    change = max(gains, key=lambda each: float(gains[each].mean()))
    least = 0.0 if name != HEART else CLEARLY
    return change, float(gains[change].mean()), float((gains[change] > least).mean())


def _judge(each: Agreement) -> Misfit | None:
    best = each.best()
    clearly = CLEARLY_OF_HEART if each.name == HEART else CLEARLY
    if each.fits[best] - each.fit > clearly and each.fits[best] > each.shifted_fit:
        what = f"{_mask_of(each.name)} fits the picture {best} with a correlation of {each.fits[best]:.2f}"
        return Misfit("mask_turned", f"{what}, as it is {each.fit:.2f}; {CURE}")
    if each.name == HEART:
        return None
    farther, less = (0.0, 0.0) if each.name == LUNGS else OF_ONE_SIDE
    if each.distance > _bound(FARTHEST, each.doubt) + farther:
        return Misfit(
            "mask_shifted",
            f"{_mask_of(each.name)} is shifted by {_offset(each.offset)} against its image; {CURE}",
        )
    least = _bound(LEAST_FIT, each.doubt) + less
    if each.fit < least:
        what = (
            f"the correlation of {_mask_of(each.name)} with the picture is {each.fit:.2f}, below {least:.2f}"
        )
        return Misfit("mask_elsewhere", f"{what}; is it another image's? {CURE}")
    return None


def _habit(name: str, compared: Sequence[Agreement]) -> Issue | None:
    count = len(compared)
    change, gain, share = turned_share(name, compared)
    turned = np.mean([each.fits[change] for each in compared])
    if gain > MEAN_GAIN and share > MOST_IMAGES and turned > np.mean([each.shifted_fit for each in compared]):
        what = f"{round(share * count)} of {count} fit their pictures better {change}"
        return Issue("masks_turned", detail=f"{_named(name)}: {what}; {CURE}")
    if name == HEART:
        return None
    down, right = np.median([each.offset for each in compared], axis=0)
    if np.hypot(down, right) > MEAN_OFFSET:
        what = f"they are shifted by {_offset((float(down), float(right)))} against their images"
        return Issue("masks_shifted", detail=f"{_named(name)}: {what}, in the median of {count}; {CURE}")
    wrong = sum(_judge(each) is not None for each in compared)
    if wrong > EXCHANGED_SHARE * count:
        what = f"{wrong} of {count} fit other pictures than their own, as if the files were paired wrongly"
        return Issue("masks_elsewhere", detail=f"{_named(name)}: {what}; {CURE}")
    return None


def _bound(line: tuple[float, float, float, float], doubt: float) -> float:
    start, slope, least, most = line
    return float(np.clip(start + slope * doubt, least, most))


def _mask_of(name: str) -> str:
    return f"the mask of the {_named(name)}"


def _named(name: str) -> str:
    return name.replace("_", " ")


def _offset(offset: tuple[float, float]) -> str:
    """Format an offset in percent of the sides, the larger component first."""
    down, right = offset
    parts = [
        (abs(right), "right" if right > 0 else "left", "width"),
        (abs(down), "down" if down > 0 else "up", "height"),
    ]
    shown = [
        f"{size:.0%} of the {side} {way}" for size, way, side in sorted(parts, reverse=True) if size >= 0.005
    ]
    return " and ".join(shown) or "a little"
