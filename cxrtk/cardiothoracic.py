"""The cardiothoracic ratio of masks, and the two widths that it compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, SIDES

CHEST = (HEART, *SIDES)  # structures of the ratio


@dataclass(frozen=True)
class Diameter:
    """A horizontal distance in an image.

    Attributes:
        row: Row in which it is drawn.
        first: First column.
        behind: Column behind the last one.
    """

    row: int
    first: int
    behind: int

    @property
    def length(self) -> int:
        """Number of pixels."""
        return self.behind - self.first


def diameters(masks: Mapping[str, npt.NDArray[np.uint8]]) -> tuple[Diameter, Diameter] | None:
    """Return the largest width of the heart and the largest inner width of the chest, both along rows.

    The width of the heart is that of its bounding box: the distance between its extreme right and left
    borders, as in the transverse diameter of Danzer (Am J Med Sci 1919;157:513-521), the sum of both
    distances to the midline. It is drawn at half the height of the box. The width of the chest is the largest
    distance, over all rows, between the outermost pixel of the right lung and the outermost pixel of the left
    lung in the same row.

    Args:
        masks: (H, W) masks of zeros and ones by class.

    Returns:
        Both widths, or ``None`` if the heart or one of the lungs is missing.
    """
    heart, right, left = (masks.get(name) for name in CHEST)
    if heart is None or right is None or left is None or not (heart.any() and right.any() and left.any()):
        return None
    rows = np.flatnonzero(right.any(axis=1) & left.any(axis=1))
    if not len(rows):
        return None
    first = (right[rows] > 0).argmax(axis=1)
    behind = heart.shape[1] - (left[rows] > 0)[:, ::-1].argmax(axis=1)
    widest = int((behind - first).argmax())
    chest = Diameter(int(rows[widest]), int(first[widest]), int(behind[widest]))
    if chest.length <= 0:
        return None
    columns, heights = np.flatnonzero(heart.any(axis=0)), np.flatnonzero(heart.any(axis=1))
    middle = int(heights[0] + heights[-1]) // 2
    return Diameter(middle, int(columns[0]), int(columns[-1]) + 1), chest


def cardiothoracic_ratio(masks: Mapping[str, npt.NDArray[np.uint8]]) -> float | None:
    """Return the ratio of the largest heart width to the largest inner chest width; see `diameters`.

    Returns:
        The ratio, or ``None`` if the heart or one of the lungs is missing.
    """
    found = diameters(masks)
    return None if found is None else round(found[0].length / found[1].length, 4)
