"""Class maps: one number for each pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

CLASSES: Mapping[int, str] = MappingProxyType({1: "right_lung", 2: "left_lung", 3: "heart"})


def label_map(masks: npt.NDArray[np.uint8], classes: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Combine (C, H, W) masks to (H, W) numbers of `CLASSES`, 0 elsewhere; lungs are drawn over the heart.

    Classes without a number are left out.
    """
    numbers = np.zeros(masks.shape[1:], np.uint8)
    for number, name in sorted(CLASSES.items(), reverse=True):
        if name in classes:
            np.copyto(numbers, np.uint8(number), where=masks[classes.index(name)].view(np.bool_))
    return numbers
