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
    regions, found = ndimage.label(mask, np.ones((3, 3)))
    if found == 0:
        return mask.copy()
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    largest = np.argsort(sizes, kind="stable")[::-1][:count]
    kept = np.zeros(found + 1, bool)
    kept[largest[sizes[largest] > 0]] = True
    return _filled(kept[regions])


def _filled(mask: npt.NDArray[np.bool_]) -> Mask:
    """Fill the holes of a mask that is not empty, as `scipy.ndimage.binary_fill_holes` does, but faster.

    A hole is a region of the background, 4-connected, that does not reach the border of the bounding box.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    background, _ = ndimage.label(~np.pad(mask[box], 1))
    filled = np.zeros(mask.shape, np.uint8)
    filled[box] = (background != background[0, 0])[1:-1, 1:-1]
    return filled
