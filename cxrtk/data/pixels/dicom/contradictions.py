"""Comparison of the grey levels with the stored values that they were made of.

A window or a look-up table may belong to other pixels: left over from another processing step, or written by
a device that got it wrong. Obeyed all the same, it makes the picture black or white. Whether it does is seen
in the levels alone, so each one is compared with the values before it is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer[Any]]

LEAST_RANGE = 3 / 256  # of [0, 1]; a table of 12 bits that declares 16 uses 16 / 256
MOST_LOST = 0.8  # share of the pixels; a window for the lungs alone may clip the rest of the chest
GREY_LEVELS = 256
_SPREAD = 0.1  # share of the range of the values that a single grey level may hold
PERCENTILES = (1.0, 99.0)
_BLOCK = 1 << 20


def counts_of(codes: npt.NDArray[np.unsignedinteger[Any]], length: int) -> Counts:
    """Return how many pixels have each of the codes 0 to `length` - 1.

    In blocks, because NumPy converts what it counts to 64 bits.
    """
    flat = codes.ravel()
    counts = np.zeros(length, np.int64)
    for start in range(0, flat.size, _BLOCK):
        counts += np.bincount(flat[start : start + _BLOCK], minlength=length)
    return counts


def contradiction(levels: Values, values: Values, counts: Counts) -> str:
    """Describe how grey levels destroy the picture in the values; empty if they do not.

    Args:
        levels: (N,) grey level in [0, 1] of each code.
        values: (N,) value of each code before the step that gave the levels.
        counts: (N,) number of pixels with each code.

    Returns:
        A phrase such as ``leaves one grey level of the values 12500 to 22700``. A constant image contradicts
        nothing.
    """
    present = counts > 0
    levels, values, counts = levels[present], values[present], counts[present]
    least, most = float(values.min()), float(values.max())
    if least == most:
        return ""
    of = f"of the values {least:g} to {most:g}"
    span = float(levels.max() - levels.min())
    if span == 0:
        return f"leaves one grey level {of}"
    if span < LEAST_RANGE:
        return f"leaves less than {span:.1%} of the grey levels {of}"
    share = lost_share(levels, values, counts)
    return f"clips {share:.0%} {of}" if share > MOST_LOST else ""


def lost_share(levels: Values, values: Values, counts: Counts) -> float:
    """Return the share of the pixels that lie on a grey level which swallowed more than a tenth of the range.

    The least and the greatest value do not count: they may be a border or the background, which were never
    spread. The range is that from the 1st to the 99th percentile.
    """
    inner = (values > values.min()) & (values < values.max())
    if not inner.any():
        return 0.0
    levels, values, counts = levels[inner], values[inner], counts[inner]
    low, high = percentiles(values, counts)
    if low == high:
        return 0.0
    span = float(levels.max() - levels.min())
    shades = np.floor((levels - levels.min()) / (span or 1.0) * (GREY_LEVELS - 1) + 0.5).astype(np.intp)
    clipped = values.clip(low, high)
    first, last = np.full(GREY_LEVELS, np.inf), np.full(GREY_LEVELS, -np.inf)
    np.minimum.at(first, shades, clipped)
    np.maximum.at(last, shades, clipped)
    wide = last - first > _SPREAD * (high - low)
    return float(counts[wide[shades]].sum() / counts.sum())


def percentiles(values: Values, counts: Counts) -> tuple[float, float]:
    """Return the smallest values that at least 1 % and 99 % of the pixels do not exceed (the inverted CDF).

    Args:
        values: (N,) value of each code.
        counts: (N,) number of pixels with each code.
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(counts[order])
    low, high = (values[order][np.searchsorted(below, below[-1] * percent / 100)] for percent in PERCENTILES)
    return float(low), float(high)
