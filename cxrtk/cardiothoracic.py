"""The cardiothoracic ratio of masks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, SIDES

CHEST = (HEART, *SIDES)  # structures of the ratio


def cardiothoracic_ratio(masks: Mapping[str, npt.NDArray[np.uint8]]) -> float | None:
    """Ratio of the largest width of the heart to the largest inner width of the chest, both along rows.

    The width of the heart is that of its bounding box: the distance between its extreme right and left
    borders, as in the transverse diameter of Danzer (Am J Med Sci 1919;157:513-521), the sum of both
    distances to the midline. The width of the chest is the largest distance, over all rows, between the
    outermost pixel of the right lung and the outermost pixel of the left lung in the same row.

    Returns:
        The ratio, or ``None`` if the heart or one of the lungs is missing.
    """
    heart, right, left = (masks.get(name) for name in CHEST)
    if heart is None or right is None or left is None or not (heart.any() and right.any() and left.any()):
        return None
    rows = right.any(axis=1) & left.any(axis=1)
    if not rows.any():
        return None
    first = (right[rows] > 0).argmax(axis=1)
    behind_last = heart.shape[1] - (left[rows] > 0)[:, ::-1].argmax(axis=1)
    width = int((behind_last - first).max())
    borders = np.flatnonzero(heart.any(axis=0))
    return round(int(borders[-1] - borders[0] + 1) / width, 4) if width > 0 else None
