"""Signs of a failed segmentation in the outlines of its masks, without ground truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import ConvexHull

Mask = npt.NDArray[np.uint8]

LEAST_AREA = 50  # pixels at the network's size; smaller regions have no shape
BAND = 9  # pixels across; the outline is judged by the grey levels of half as many on either side
SECTORS = 16  # of the outline, by the angle from the centre of the mask
EDGE = 0.02  # difference of grey levels, in [0, 1], that counts as an edge


def solidity(mask: Mask) -> float:
    """Fraction of a mask's convex hull that is mask, at most 1; 0 for a mask that is too small."""
    if int(mask.sum()) < LEAST_AREA:
        return 0.0
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows, ::-1].argmax(axis=1)  # one behind the last pixel
    corners = np.concatenate(
        [np.stack([row, column], axis=1) for row in (rows, rows + 1) for column in (first, last)]
    )
    return float(mask.sum() / ConvexHull(corners).volume)


def edge_share(mask: Mask, pixels: npt.NDArray[np.float32]) -> float:
    """Fraction of a lung's outline, by sectors, outside of which the picture is denser than inside.

    Args:
        mask: (S, S) of a lung.
        pixels: (S, S) in [0, 1], brighter is denser.

    Returns:
        A number in [0, 1]; 0 for a mask that is too small.
    """
    if int(mask.sum()) < LEAST_AREA:
        return 0.0
    inside = (mask > 0) & (ndimage.minimum_filter(mask, BAND) == 0)
    outside = (mask == 0) & (ndimage.maximum_filter(mask, BAND) > 0)
    centre = [float(places.mean()) for places in np.nonzero(mask)]
    denser = _by_sector(outside, pixels, centre) - _by_sector(inside, pixels, centre)
    return float((denser > EDGE).mean())


def _by_sector(band: npt.NDArray[np.bool_], pixels: Any, centre: list[float]) -> npt.NDArray[np.float64]:
    """Mean of the pixels of a band in each sector; NaN, which is no edge, where it has none."""
    rows, columns = np.nonzero(band)
    angles = np.arctan2(rows - centre[0], columns - centre[1])
    sectors = ((angles + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    counts = np.bincount(sectors, minlength=SECTORS)
    sums = np.bincount(sectors, weights=pixels[rows, columns], minlength=SECTORS)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
