"""Flags that any reader derives from the finished picture: its size, its shape and its polarity."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxrtk.data.pixels.polarity import polarity_flag

LEAST_SIDE: Final = 64  # pixels; smaller images show no borders of lungs
LONGEST: Final = 3.0  # ratio of the sides; 1,466 frontal radiographs have at most 2.63


def picture_flags(pixels: npt.NDArray[np.floating[Any]]) -> dict[str, str]:
    """Return flag -> reason of (H, W) pixels in [0, 1]: ``tiny``, ``elongated`` and ``looks_inverted``."""
    return size_flags(*pixels.shape) | polarity_flag(pixels)


def size_flags(height: int, width: int) -> dict[str, str]:
    """Return the flags ``tiny`` and ``elongated`` of an image of that size in pixels."""
    found = {}
    if min(height, width) < LEAST_SIDE:
        found["tiny"] = f"{width} x {height} pixels"
    if max(height, width) > LONGEST * min(height, width):
        found["elongated"] = f"{width} x {height} pixels"
    return found
