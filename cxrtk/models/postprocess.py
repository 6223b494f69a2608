"""Postprocessing of probabilities to masks: threshold, disjoint lungs, one region each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cxrtk.classes import HEART, SIDES

Mask = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]


def binary(probabilities: Probabilities, classes: Sequence[str], threshold: float = 0.5) -> Mask:
    """Threshold (C, H, W) probabilities to (C, H, W) masks of zeros and ones.

    Each pixel above the threshold in both lungs is assigned to the more probable one.
    """
    masks = (probabilities >= threshold).astype(np.uint8)
    if set(SIDES) <= set(classes):
        right, left = (classes.index(side) for side in SIDES)
        both = (masks[right] & masks[left]).astype(bool)
        likelier = probabilities[right] >= probabilities[left]
        masks[right][both & ~likelier] = 0
        masks[left][both & likelier] = 0
    return masks


def clean(masks: Mask, classes: Sequence[str]) -> Mask:
    """Keep the largest region of each lung and heart, with holes filled; two where both lungs are one class.

    Returns a copy.
    """
    counts = [1 if name in (*SIDES, HEART) else 2 for name in classes]
    return np.stack([_largest(mask, count) for mask, count in zip(masks, counts, strict=True)])


def _largest(mask: Mask, count: int) -> Mask:
    """Keep the `count` largest 8-connected regions, with their holes filled."""
    kept = np.zeros(mask.shape, np.uint8)
    box = _box(mask)
    if box is None:
        return kept
    inside = mask[box] != 0
    regions, found = ndimage.label(inside, np.ones((3, 3)))
    if found > count:
        sizes = np.bincount(regions.ravel())
        sizes[0] = 0
        chosen = np.zeros(found + 1, bool)
        chosen[np.argsort(sizes, kind="stable")[::-1][:count]] = True
        inside = chosen[regions]
    kept[box] = _filled(inside)
    return kept


def _filled(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Fill the holes of a mask, as `scipy.ndimage.binary_fill_holes` does, but faster.

    A hole is a region of the background, 4-connected, that does not reach the border of the mask's box.
    """
    background, _ = ndimage.label(~np.pad(mask, 1))
    filled: npt.NDArray[np.bool_] = (background != background[0, 0])[1:-1, 1:-1]
    return filled


def _box(mask: Mask) -> tuple[slice, slice] | None:
    """Return the bounding box of a mask; ``None`` for an empty one."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
