"""Interval of the cardiothoracic ratio, by conformal prediction.

The error of the ratio is scaled by `FLOOR` plus the spread of the ratio over the views of the image, and the
interval's half-width is the quantile of these scaled errors, times the scale of the image at hand (locally
weighted split conformal prediction: Lei et al., Distribution-free predictive inference for regression, JASA
2018;113:1094-1111). Its coverage holds for images like those that it was fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

COVERAGE = 0.9
FLOOR = 0.02  # even if all views have the same ratio, the error is not 0
FEWEST = 30  # images; fewer do not determine the quantile


def fit_interval(errors: Sequence[float], spreads: Sequence[float]) -> dict[str, float] | None:
    """Fit the arguments of `interval`, JSON values; ``None`` for fewer than `FEWEST` images.

    Args:
        errors: Absolute differences of the ratio from that of the human masks.
        spreads: Standard deviations of the ratio over the views, of the same images.
    """
    count = len(errors)
    if count < FEWEST:
        return None
    scaled = np.sort(np.asarray(errors) / (FLOOR + np.asarray(spreads)))
    rank = min(int(np.ceil((count + 1) * COVERAGE)), count)  # rank of the conformal quantile, from 1
    return {"floor": FLOOR, "factor": float(f"{scaled[rank - 1]:.5g}")}


def interval(ratio: float, spread: float, *, floor: float, factor: float) -> list[float]:
    """Return the lower and upper ends, in [0, 1], of the interval of a ratio; see `fit_interval`."""
    half = factor * (floor + spread)
    return [round(max(ratio - half, 0.0), 4), round(min(ratio + half, 1.0), 4)]
