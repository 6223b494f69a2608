"""Plausibility of lung masks. Each bound is wider than all 881 hand-drawn masks of the project's data.

Ranges measured on them (four data sets, both heart conventions): area 0.152 to 0.613 of the image, centroid
0.259 to 0.621 from the top and 0.360 to 0.625 from the left, at most 0.196 of the image border covered, and
at least 0.350 of the area on the smaller side of the image's midline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import Label

LEAST_AREA, MOST_AREA = 0.08, 0.70  # fractions of the image
TOP, BOTTOM = 0.20, 0.70  # allowed range of the centroid, as fractions of the height
SIDES = 0.30  # minimum distance of the centroid from either side, of the width
MOST_BORDER = 0.30  # maximum fraction of the image border covered by the mask
LEAST_SIDE = 0.20  # minimum fraction of the area on either side of the midline

Mask = npt.NDArray[np.bool_]


def mask_issues(label: Label) -> Iterator[tuple[str, str]]:
    """Yield code and detail of each implausible property of a label with lungs."""
    lungs = label.lungs().astype(bool)
    share = float(lungs.mean())
    if share == 0.0:
        yield "mask_empty", ""
        return
    if share == 1.0:
        yield "mask_full", ""
        return
    if not LEAST_AREA <= share <= MOST_AREA:
        yield "mask_area", f"{share:.3f} of the image; expected {LEAST_AREA} to {MOST_AREA}"
    row, column = centre(lungs)
    if not (TOP <= row <= BOTTOM and SIDES <= column <= 1 - SIDES):
        yield "mask_misplaced", f"its centre is {row:.2f} from the top and {column:.2f} from the left"
    border = float(np.concatenate([lungs[0], lungs[-1], lungs[1:-1, 0], lungs[1:-1, -1]]).mean())
    if border > MOST_BORDER:
        yield "mask_border", f"{border:.2f} of the image's border is inside"
    side = lesser_side(lungs)
    if side < LEAST_SIDE:
        yield "mask_one_sided", f"{side:.2f} of it is on one side of the image's middle"
    yield from _swapped(label)


def centre(mask: Mask) -> tuple[float, float]:
    """Return the centroid (row, column), as fractions of the image's height and width."""
    (height, width), area = mask.shape, mask.sum()
    rows, columns = mask.sum(axis=1), mask.sum(axis=0)
    row = float(rows @ (np.arange(height) + 0.5) / area / height)
    return row, float(columns @ (np.arange(width) + 0.5) / area / width)


def lesser_side(mask: Mask) -> float:
    """Return the fraction of the mask on its smaller side of the midline; a middle column is halved."""
    columns = mask.sum(axis=0).astype(float)
    half = len(columns) // 2
    left = columns[:half].sum() + (columns[half] / 2 if len(columns) % 2 else 0.0)
    share = float(left / columns.sum())
    return min(share, 1 - share)


def gap_growth(lungs: npt.NDArray[np.bool_]) -> float | None:
    """Measure how much the gap between the lungs widens from their upper to their lower half.

    Args:
        lungs: (H, W), both lungs.

    Returns:
        The median gap in the rows from 0.6 to 0.7 of the lungs' height minus that in those from 0.3 to 0.4,
        in widths of both lungs; ``None`` where there are no such rows.
    """
    rows, columns = np.flatnonzero(lungs.any(axis=1)), np.flatnonzero(lungs.any(axis=0))
    if rows.size == 0:
        return None
    height, width = rows[-1] - rows[0], columns[-1] - columns[0] + 1
    gaps = []
    for first, last in ((0.3, 0.4), (0.6, 0.7)):
        band = range(int(rows[0] + first * height), int(rows[0] + last * height))
        found = [gap for gap in (_widest_gap(lungs[row]) for row in band) if gap is not None]
        if not found:
            return None
        gaps.append(float(np.median(found)))
    return float((gaps[1] - gaps[0]) / width)


def _widest_gap(row: npt.NDArray[np.bool_]) -> int | None:
    inside = np.flatnonzero(row)
    return int(np.diff(inside).max()) - 1 if inside.size > 1 else None


def _swapped(label: Label) -> Iterator[tuple[str, str]]:
    """Find swapped sides: as displayed, the patient's right lung is on the image's left."""
    sides: dict[str, Any] = {}
    for name in ("right_lung", "left_lung"):
        if name not in label.classes:
            return
        sides[name] = label.masks[label.classes.index(name)].astype(bool)
    empty = [name for name, mask in sides.items() if not mask.any()]
    if empty:
        yield "mask_one_sided", f"the class {empty[0]} is empty"
        return
    right, left = (centre(mask)[1] for mask in sides.values())
    if right > left:
        yield "mask_swapped", f"right_lung is {right:.2f} from the image's left, left_lung {left:.2f}"
