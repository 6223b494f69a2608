"""Features of each point of a small picture, used to estimate the organ at that point.

All pictures have `SIDE` x `SIDE` points, whatever the shape of the radiograph.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cxrtk.data.pixels.frontal import stretched

SIDE: Final = 64
_DOWN, _ACROSS = (np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1) * 2 - 1).astype(np.float32)
_COUNTS = np.arange(1, SIDE + 1, dtype=np.float32)
_TRUNCATE = 2.5  # standard deviations

Grid = npt.NDArray[np.float32]  # (SIDE, SIDE)
Grids = npt.NDArray[np.float32]  # (C, SIDE, SIDE)


def features(picture: npt.NDArray[np.floating[Any]]) -> Grids:
    """Describe each point by its grey level, its surroundings and its position: (26, SIDE, SIDE).

    Grey levels are replaced by their ranks, so that neither contrast nor gamma matters.

    Args:
        picture: (SIDE, SIDE), brighter is denser.
    """
    return np.stack(list(_features(picture))).astype(np.float32)


def context(described: Grids, masks: Grids) -> Grids:
    """Add the masks of an earlier stage, their surroundings and positions: (56, SIDE, SIDE).

    Args:
        described: Result of `features`.
        masks: Masks of `cxrtk.data.check.expected.OUTPUTS`, (5, SIDE, SIDE) in [0, 1].
    """
    return np.concatenate([described, np.stack(list(_context(masks)))]).astype(np.float32)


def _features(picture: npt.NDArray[np.floating[Any]]) -> Iterator[npt.NDArray[Any]]:
    grey = stretched(picture).astype(np.float32)
    ranks = np.argsort(np.argsort(grey.ravel(), kind="stable"), kind="stable")
    rank = (ranks.reshape(SIDE, SIDE) / (SIDE * SIDE - 1)).astype(np.float32)
    yield from (grey, rank)
    smooth = {sigma: _smooth(rank, sigma) for sigma in (0.8, 1.5, 3, 6, 12)}
    yield from smooth.values()
    for sigma in (6, 12):  # contrast against the surroundings
        variance = _smooth(rank * rank, sigma) - smooth[sigma] ** 2
        yield (smooth[0.8] - smooth[sigma]) / np.sqrt(np.maximum(variance, 1e-4))
    for blurred in (smooth[1.5], _smooth(rank, 4)):
        yield from (_slope(blurred, axis) * 10 for axis in (1, 0))
    yield from (smooth[1.5][:, ::-1], smooth[3][:, ::-1])  # the other side of the body
    yield from (_ACROSS, _DOWN, np.abs(_ACROSS))
    yield from _profiles(rank, 1)
    below = _COUNTS[:, None]
    yield np.cumsum(rank, 1) / _COUNTS
    yield (np.cumsum(rank[:, ::-1], 1) / _COUNTS)[:, ::-1]
    yield np.cumsum(rank, 0) / below
    yield (np.cumsum(rank[::-1], 0) / below)[::-1]
    yield from (_smooth(rank, (1, 6)), _smooth(rank, (6, 1)))


def _context(masks: Grids) -> Iterator[npt.NDArray[Any]]:
    right, left = masks[0], masks[1]
    lungs = right + left
    for mask in (right, left, masks[2], masks[3] + masks[4]):
        yield mask
        yield from (_smooth(mask, sigma) for sigma in (1.5, 4, 10))
    for mask in (right, left, lungs):
        weight = mask**2 + 1e-4
        weight = weight / weight.sum()
        for place in (_ACROSS, _DOWN):
            centre = (weight * place).sum()
            yield (place - centre) / (np.sqrt((weight * (place - centre) ** 2).sum()) + 0.05)
    yield from _profiles(lungs, 4)
    yield from (lungs[:, ::-1], _smooth(lungs, 3)[:, ::-1])
    yield from (np.cumsum(lungs, 1) / 8, np.cumsum(lungs, 0) / 8)
    yield from (_slope(_smooth(lungs, 1.5), axis) * 5 for axis in (1, 0))


def _profiles(values: Grid, factor: float) -> Iterator[npt.NDArray[Any]]:
    """Return the means of the rows and of the columns, repeated at each of their points."""
    for axis in (1, 0):
        yield np.broadcast_to(values.mean(axis, keepdims=True) * factor, values.shape)


def _slope(values: Grid, axis: int) -> Grid:
    slope: Grid = np.asarray(np.gradient(values, axis=axis))
    return slope


def _smooth(values: Grid, sigma: float | tuple[float, float]) -> Grid:
    smoothed: Grid = ndimage.gaussian_filter(values, sigma, mode="nearest", truncate=_TRUNCATE)
    return smoothed
