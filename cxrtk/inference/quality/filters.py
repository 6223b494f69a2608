"""Filters for small images, bit-identical to SciPy's (tested), without SciPy's slow import.

Images are mirrored at the border, which is SciPy's default. For erosion and dilation this has the same effect
as ignoring everything beyond the border.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
Picture = npt.NDArray[np.float32]

TRUNCATED = 4.0  # standard deviations at which SciPy cuts a Gaussian


def dilated(mask: Mask, width: int) -> Mask:
    """Dilate (H, W) by squares of `width` pixels, an odd number; see `scipy.ndimage.maximum_filter`."""
    return _widened(_widened(mask, width).T, width).T


def eroded(mask: Mask, width: int) -> Mask:
    """Erode (H, W) zeros and ones by squares of `width` pixels; see `scipy.ndimage.minimum_filter`."""
    return 1 - dilated(1 - mask, width)


def _widened(mask: Mask, width: int) -> Mask:
    """Return the maxima over `width` rows, computed by doubling: over 2 rows, then 4, 8 and so on."""
    half = width // 2
    reached, maxima = 1, np.pad(mask, ((half, half), (0, 0)))
    while reached < width:
        step = min(reached, width - reached)
        maxima = np.maximum(maxima[:-step], maxima[step:])
        reached += step
    return maxima


def smoothed(picture: Picture, deviation: float) -> Picture:
    """Apply a Gaussian filter to (H, W); see `scipy.ndimage.gaussian_filter`."""
    reach = int(TRUNCATED * deviation + 0.5)
    weights = np.exp(-0.5 / deviation**2 * np.arange(-reach, reach + 1) ** 2)
    weights = weights / weights.sum()
    return _correlated(_correlated(picture, weights).T, weights).T


def _correlated(picture: npt.NDArray[Any], weights: npt.NDArray[np.float64]) -> Picture:
    """Correlate along the rows' axis with symmetric weights, in the order of SciPy's sums."""
    reach, count = len(weights) // 2, len(picture)
    padded = np.pad(picture, ((reach, reach), (0, 0)), mode="symmetric").astype(np.float64)
    total = padded[reach : reach + count] * weights[reach]
    for away in range(reach, 0, -1):
        pair = padded[reach - away : reach - away + count] + padded[reach + away : reach + away + count]
        total += pair * weights[reach - away]
    rounded: Picture = total.astype(picture.dtype)
    return rounded
