"""Agreement and uncertainty, the two quantities behind most signs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

LN2 = math.log(2)


def dice(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Return the Dice of two masks of zeros and ones; 1 if both are empty."""
    total = int(np.count_nonzero(first)) + int(np.count_nonzero(second))
    return 1.0 if total == 0 else 2.0 * int(np.count_nonzero(first & second)) / total


def entropy_bits(probabilities: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the binary entropy of each probability, in bits."""
    likely = probabilities.clip(1e-6, 1 - 1e-6)
    others = 1 - likely
    # natural logarithms, which NumPy computes several times as fast as those of base 2
    bits: npt.NDArray[np.float64] = (likely * np.log(likely) + others * np.log(others)) / -LN2
    return bits
