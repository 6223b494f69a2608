"""Fit of the parameters of a quality flag, from images with ground truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from cxrtk.classes import HEART, LUNGS, WITH_HEART
from cxrtk.errors import DataError
from cxrtk.inference.quality.rule import standardise
from cxrtk.inference.quality.words import SIGNS_OF, WORDS

# Dice of a good mask of each structure; the score estimates the probability of reaching it.
GOOD: Mapping[str, float] = MappingProxyType({LUNGS: 0.90, HEART: 0.85, WITH_HEART: 0.90})
SOFTNESS = 0.02  # width of the step at `GOOD`: masks just above and just below it hardly differ
NEAR = 0.1  # distance in Dice from `GOOD` over which a sample loses its importance by a factor of e
LEAST_IMPORTANCE = 0.1
USUAL = (0.5, 99.5)  # percentiles of a sign over undistorted images
PENALTY = 0.001  # on squared weights, per sample
# Fraction of the good masks of spoiled images that are not `ok`. Spoiled images stand in for images of
# another hospital, since undistorted images of the training source are never in doubt. That of the lungs was
# chosen on sources that the model had never seen (docs/decisions/017).
FALSE_ALARMS: Mapping[str, float] = MappingProxyType({LUNGS: 0.25, HEART: 0.11, WITH_HEART: 0.11})
# Largest fraction of the same masks that may be `failed`; a mask with a score of at least 0.5 never is.
FALSE_FAILURES = 0.01
FEWEST_BAD = 20

Vector = npt.NDArray[np.float64]


def fit_flag_rule(
    usual: Sequence[Mapping[str, float]],
    samples: Sequence[Mapping[str, float]],
    dice: npt.ArrayLike,
    kept: Sequence[Mapping[str, float]],
    structure: str = LUNGS,
) -> dict[str, Any]:
    """Fit the arguments of `FlagRule`, JSON values: a logistic regression on signs and two thresholds.

    Good and bad samples have the same total weight, however many there are of each, and samples near the step
    between them weigh more than others. A sign outside its usual range can only lower the score, and the
    weight of a sign that is suspicious on one side only (see `WORDS`) is restricted to one direction: the
    distorted images of the fit are not images of another hospital, but for both, less agreement is worse.

    Args:
        usual: Signs of the undistorted images, which define the usual ranges.
        samples: Signs of undistorted images, distorted images and strangers.
        dice: Dice of each sample.
        kept: Signs of good masks of distorted images: the threshold of ``ok`` is chosen so that a fraction of
            `FALSE_ALARMS` of them lies below it, but not below 0.5, and that of ``failed`` so that at most
            `FALSE_FAILURES` of them do.
        structure: ``lungs``, ``heart`` or ``lungs_with_heart``.

    Raises:
        DataError: There are fewer than `FEWEST_BAD` good or bad samples, or `kept` is empty.
    """
    target = goodness(dice, GOOD[structure])
    labels = target >= 0.5
    counts = int(labels.sum()), int((~labels).sum())
    if min(counts) < FEWEST_BAD:
        raise DataError(
            f"{counts[0]} good and {counts[1]} bad masks are too few to fit a quality flag: it needs "
            f"{FEWEST_BAD} of each. Train longer, or on more images."
        )
    if not kept:
        raise DataError(
            "No mask of a distorted image is good, so the threshold of the quality flag cannot be set. "
            "Train longer, or on more images."
        )
    names = [name for name in SIGNS_OF[structure] if all(name in row for row in usual)]
    signs = {name: _usual(np.array([row[name] for row in usual])) for name in names}
    # (N, 3 names): distance from the mean, below the range, above it
    table = np.array([_row(row, signs) for row in samples])
    bias, linear = _logistic(table, target, importance(dice, structure), [_direction(name) for name in names])
    for number, name in enumerate(names):
        weight, below, above = linear[number], -linear[len(names) + number], -linear[2 * len(names) + number]
        signs[name] |= {"weight": _short(weight), "below": _short(below), "above": _short(above)}
    scores = _scores(np.array([_row(row, signs) for row in kept]), bias, linear)
    failed_below, ok_from = np.quantile(scores, [FALSE_FAILURES, FALSE_ALARMS[structure]])
    return {
        "signs": signs,
        "bias": _short(bias),
        "ok_from": _short(max(ok_from, 0.5)),
        "failed_below": _short(min(failed_below, 0.5)),
    }


def importance(dice: npt.ArrayLike, structure: str = LUNGS) -> Vector:
    """Return the weights of samples, larger near `GOOD`; those of good and of bad samples each sum to 0.5."""
    values = np.asarray(dice, dtype=np.float64)
    weights: Vector = LEAST_IMPORTANCE + np.exp(-np.abs(values - GOOD[structure]) / NEAR)
    good = values >= GOOD[structure]
    weights[good] *= 0.5 / weights[good].sum()
    weights[~good] *= 0.5 / weights[~good].sum()
    return weights


def _usual(values: Vector) -> dict[str, float]:
    low, high = np.percentile(values, USUAL)
    middle = np.percentile(values, (16, 84))
    return {
        "mean": _short(np.median(values)),
        "scale": _short(max(float(middle[1] - middle[0]) / 2, 1e-3)),
        "low": _short(low),
        "high": _short(high),
    }


def _row(found: Mapping[str, float], signs: Mapping[str, Mapping[str, float]]) -> Vector:
    return np.array([standardise(found[name], known) for name, known in signs.items()]).T.ravel()


def goodness(dice: npt.ArrayLike, step: float = GOOD[LUNGS]) -> Vector:
    """Map the Dice of masks to a quality from 0 to 1: a soft step of width `SOFTNESS` at `step`.

    >>> goodness([0.0, 0.9, 1.0]).round(2).tolist()
    [0.0, 0.5, 0.99]
    """
    steps: Vector = 1 / (1 + np.exp(-(np.asarray(dice, dtype=np.float64) - step) / SOFTNESS))
    return steps


def _direction(name: str) -> tuple[float | None, float | None]:
    """Return the bounds of a sign's weight: 0 or more if only low is suspicious, 0 or less if only high."""
    low, high = WORDS[name]
    return (None if high else 0.0, None if low else 0.0)


def _logistic(
    table: Vector, target: Vector, weights: Vector, bounds: Sequence[tuple[float | None, float | None]]
) -> tuple[float, Vector]:
    """Fit the regression's bias and weights; the weights of "below" and "above" are never positive."""

    def loss(values: Vector) -> tuple[float, Vector]:
        margins = values[0] + table @ values[1:]
        slopes = weights * (1 / (1 + np.exp(-np.clip(margins, -500, 500))) - target)
        gradient = np.concatenate([[slopes.sum()], slopes @ table + PENALTY * values[1:]])
        penalty = PENALTY * float(values[1:] @ values[1:]) / 2
        return float(weights @ (np.logaddexp(0, margins) - target * margins)) + penalty, gradient

    every = [(None, None), *bounds, *[(None, 0.0)] * (2 * len(bounds))]
    found = minimize(loss, np.zeros(1 + table.shape[1]), jac=True, method="L-BFGS-B", bounds=every)
    return float(found.x[0]), np.asarray(found.x[1:])


def _scores(table: Vector, bias: float, linear: Vector) -> Vector:
    scores: Vector = 1 / (1 + np.exp(-(bias + table @ linear)))
    return scores


def _short(value: float) -> float:
    return float(f"{value:.5g}")
