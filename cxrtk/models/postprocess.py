"""Postprocessing of probabilities to masks: threshold, disjoint lungs, one region per organ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, SIDES
from cxrtk.models.components import largest

Mask = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]


def binary(probabilities: Probabilities, classes: Sequence[str], threshold: float = 0.5) -> Mask:
    """Threshold (C, H, W) probabilities to (C, H, W) masks of zeros and ones.

    Each pixel above the threshold in both lungs is assigned to the more probable one.
    """
    masks = probabilities >= threshold
    if set(SIDES) <= set(classes):
        right, left = (classes.index(side) for side in SIDES)
        both = masks[right] & masks[left]
        if both.any():
            likelier = probabilities[right] >= probabilities[left]
            masks[right] &= ~both | likelier
            masks[left] &= ~(both & likelier)
    return masks.view(np.uint8)


def clean(masks: Mask, classes: Sequence[str]) -> Mask:
    """Return a copy with only the largest region of each lung and heart, with holes filled.

    If both lungs are one class, its two largest regions are kept.
    """
    kept = np.zeros(masks.shape, np.uint8)
    for mask, one, name in zip(masks, kept, classes, strict=True):
        box = bounds(mask)
        if box is not None:
            one[box] = largest(mask[box] != 0, regions_of(name))
    return kept


def regions_of(name: str) -> int:
    """Return the number of regions of a class: one for a lung or the heart, two for both lungs.

    >>> regions_of("heart"), regions_of("lungs")
    (1, 2)
    """
    return 1 if name in (*SIDES, HEART) else 2


def bounds(mask: npt.NDArray[Any]) -> tuple[slice, slice] | None:
    """Return the bounding box of an (H, W) mask as slices; ``None`` if the mask is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
