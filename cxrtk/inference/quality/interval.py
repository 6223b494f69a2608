"""Interval of the cardiothoracic ratio, by conformal prediction.

The error of the ratio is scaled by `FLOOR` plus the spread of the ratio over the views of the image, and the
interval's half-width is the quantile of these scaled errors, times the scale of the image at hand (locally
weighted split conformal prediction: Lei et al., Distribution-free predictive inference for regression, JASA
2018;113:1094-1111). Its coverage holds for images like those that it was fitted on. Images of one patient are
not independent, so each patient counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

COVERAGE = 0.9
FLOOR = 0.02  # even if all views have the same ratio, the error is not 0
ROUNDING = 1e-9  # of sums of parts of patients
FEWEST = 30  # images; fewer do not determine the quantile


def fit_interval(
    errors: Sequence[float], spreads: Sequence[float], patients: Sequence[str] | None = None
) -> dict[str, float] | None:
    """Fit the arguments of `interval`, JSON values; ``None`` for fewer than `FEWEST` images.

    Args:
        errors: Absolute differences of the ratio from that of the human masks.
        spreads: Standard deviations of the ratio over the views, of the same images.
        patients: Patient of each image; ``None`` if each is of another.
    """
    if len(errors) < FEWEST:
        return None
    scaled = np.asarray(errors) / (FLOOR + np.asarray(spreads))
    each = list(patients or range(len(errors)))
    images_of = Counter(each)
    order = np.argsort(scaled, kind="stable")
    reached = np.cumsum([1 / images_of[each[place]] for place in order])  # patients, in parts of one
    rank = min((len(images_of) + 1) * COVERAGE, len(images_of))  # of the conformal quantile
    last = order[np.searchsorted(reached, rank - ROUNDING)]
    return {"floor": FLOOR, "factor": float(f"{scaled[last]:.5g}")}


def interval(ratio: float, spread: float, *, floor: float, factor: float) -> list[float]:
    """Return the lower and upper ends, in [0, 1], of the interval of a ratio; see `fit_interval`."""
    half = factor * (floor + spread)
    return [round(max(ratio - half, 0.0), 4), round(min(ratio + half, 1.0), 4)]
