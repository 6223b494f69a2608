"""Agreement and uncertainty, the two numbers that most signs are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def dice(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Dice of two masks of zeros and ones; 1 if both are empty."""
    total = int(first.sum()) + int(second.sum())
    return 1.0 if total == 0 else 2.0 * int((first & second).sum()) / total


def entropy_bits(probabilities: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Binary entropy of each probability, in bits."""
    likely = probabilities.clip(1e-6, 1 - 1e-6)
    others = 1 - likely
    bits: npt.NDArray[np.float64] = -(likely * np.log2(likely) + others * np.log2(others))
    return bits
