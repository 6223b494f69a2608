"""Signs of a failed segmentation in the outlines of its masks, without ground truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.inference.quality.filters import dilated, eroded

Mask = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]

LEAST_AREA = 50  # pixels at the network's size; smaller regions have no shape
BAND = 9  # pixels; width of the band around the outline, half on either side, for comparing grey levels
SECTORS = 16  # sectors of the outline, by the angle from the centre of the mask
EDGE = 0.02  # difference of grey levels, in [0, 1], that counts as an edge


def solidity(mask: Mask) -> float:
    """Return the fraction of a mask's convex hull that the mask fills; 0 for a mask that is too small."""
    if np.count_nonzero(mask) < LEAST_AREA:
        return 0.0
    rows = np.flatnonzero(mask.any(axis=1))
    filled = mask[rows] > 0
    first = filled.argmax(axis=1)
    last = mask.shape[1] - filled[:, ::-1].argmax(axis=1)  # one past the last pixel
    # corners of pixels: the edge between two rows has those of the row above and of the row below
    edges = np.flatnonzero(np.bincount(np.concatenate([rows, rows + 1])))
    left, right = np.full(len(edges), mask.shape[1]), np.zeros(len(edges), int)
    for side in (rows, rows + 1):
        at = np.searchsorted(edges, side)
        left[at], right[at] = np.minimum(left[at], first), np.maximum(right[at], last)
    corners = np.concatenate([_hull(edges, left), _hull(edges[::-1], right[::-1])])
    (r, c), (r_next, c_next) = corners.T, np.roll(corners, -1, axis=0).T
    return float(np.count_nonzero(mask) / (abs(int((r * c_next - r_next * c).sum())) / 2))


def _hull(rows: Places, columns: Places) -> Places:
    """Return the (N, 2) corners of one side of the convex hull of points that are sorted by row.

    Points that do not stand out from the line between their neighbours are dropped until all points do.
    """
    while True:
        steps, turns = np.diff(rows), np.diff(columns)
        standing = np.ones(len(rows), np.bool_)
        standing[1:-1] = steps[:-1] * turns[1:] > turns[:-1] * steps[1:]
        if standing.all():
            return np.stack([rows, columns], axis=1)
        rows, columns = rows[standing], columns[standing]


def edge_share(mask: Mask, pixels: npt.NDArray[np.float32]) -> float:
    """Return the fraction of sectors of a lung's outline where the image is denser outside than inside.

    Args:
        mask: (S, S) mask of a lung.
        pixels: (S, S) image in [0, 1], brighter is denser.

    Returns:
        A number in [0, 1]; 0 for a mask that is too small.
    """
    if np.count_nonzero(mask) < LEAST_AREA:
        return 0.0
    inside = (mask > 0) & (eroded(mask, BAND) == 0)
    outside = (mask == 0) & (dilated(mask, BAND) > 0)
    centre = [float(places.mean()) for places in np.nonzero(mask)]
    denser = _by_sector(outside, pixels, centre) - _by_sector(inside, pixels, centre)
    return float((denser > EDGE).mean())


def edge_gradient(mask: Mask, smooth: npt.NDArray[np.float32]) -> float:
    """Return the mean gradient of an image along the outline of a mask, in grey levels a pixel.

    A blurred or hazy image has little, and so has an outline that was drawn where there is no border.

    Args:
        mask: (S, S) mask; its outline is two pixels wide, one on either side.
        smooth: (S, S) smoothed image.

    Returns:
        A number of at least 0; 0 for a mask without an outline.
    """
    outline = (dilated(mask, 3) > 0) & (eroded(mask, 3) == 0)
    if not outline.any():
        return 0.0
    down, across = (np.gradient(smooth, axis=axis)[outline] for axis in (0, 1))
    return float(np.hypot(down, across).mean())


def _by_sector(band: npt.NDArray[np.bool_], pixels: Any, centre: list[float]) -> npt.NDArray[np.float64]:
    """Return the mean pixel of a band in each sector; NaN, which counts as no edge, if it has no pixels."""
    rows, columns = np.nonzero(band)
    angles = np.arctan2(rows - centre[0], columns - centre[1])
    sectors = ((angles + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    counts = np.bincount(sectors, minlength=SECTORS)
    sums = np.bincount(sectors, weights=pixels[rows, columns], minlength=SECTORS)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
