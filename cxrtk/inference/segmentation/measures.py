"""Measures of the masks of one radiograph; docs/measures.md has their definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import Radiograph

Mask = npt.NDArray[np.uint8]

CHEST = ("heart", "right_lung", "left_lung")  # structures of the cardiothoracic ratio


def measure(masks: Mask, classes: Sequence[str], radiograph: Radiograph) -> dict[str, Any]:
    """Compute areas, fractions, bounding boxes and the cardiothoracic ratio, as JSON values.

    Args:
        masks: (C, H, W) array of zeros and ones.
        classes: Names of the C classes.
        radiograph: Source of the pixel spacing and its provenance.

    Returns:
        ``area_px`` and ``bounding_box`` (row, column, height, width; ``None`` if empty) per class,
        ``area_mm2`` per class or ``None``; ``spacing_mm``, ``spacing_source`` and ``spacing_reason`` (why no
        spacing is known); ``lung_fraction``, the fraction of the image covered by the lungs;
        ``right_to_left``, the ratio of the lungs' areas; ``cardiothoracic_ratio``, ``None`` if one of its
        structures is missing, with ``cardiothoracic_reason`` (why there is none) and ``cardiothoracic_note``
        (why it is not comparable with ratios of PA images); both are ``None`` where there is nothing to say.
    """
    by_name = dict(zip(classes, masks, strict=True))
    spacing = radiograph.spacing_mm
    pixel_mm2 = spacing[0] * spacing[1] if spacing else None
    areas = {name: int(mask.sum()) for name, mask in by_name.items()}
    lungs = lungs_of(masks, classes)
    ratio = cardiothoracic_ratio(by_name)
    return {
        "area_px": areas,
        "area_mm2": {
            name: None if pixel_mm2 is None else round(area * pixel_mm2, 1) for name, area in areas.items()
        },
        "spacing_mm": list(spacing) if spacing else None,
        "spacing_source": radiograph.spacing_source,
        "spacing_reason": None if spacing else spacing_reason(radiograph.meta),
        "bounding_box": {name: bounding_box(mask) for name, mask in by_name.items()},
        "lung_fraction": round(float(lungs.mean()), 6),
        "right_to_left": _ratio(areas.get("right_lung"), areas.get("left_lung")),
        "cardiothoracic_ratio": ratio,
        "cardiothoracic_reason": _missing(by_name) if ratio is None else None,
        "cardiothoracic_note": None if ratio is None else view_note(radiograph.meta),
    }


def lungs_of(masks: Mask, classes: Sequence[str]) -> Mask:
    """Union of both lungs as one (H, W) mask, without the heart."""
    lungs = [index for index, name in enumerate(classes) if name in ("lungs", "right_lung", "left_lung")]
    both: Mask = masks[lungs].max(axis=0)
    return both


def bounding_box(mask: Mask) -> list[int] | None:
    """Smallest upright bounding box of a mask: [row, column, height, width] in pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return [int(rows[0]), int(columns[0]), int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)]


def cardiothoracic_ratio(masks: Mapping[str, Mask]) -> float | None:
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
    box = bounding_box(heart)
    assert box is not None
    columns = np.arange(heart.shape[1])
    rows = right.any(axis=1) & left.any(axis=1)
    if not rows.any():
        return None
    first = np.where(right[rows] > 0, columns, heart.shape[1]).min(axis=1)
    last = np.where(left[rows] > 0, columns, -1).max(axis=1)
    width = int((last - first + 1).max())
    return round(box[3] / width, 4) if width > 0 else None


def _missing(masks: Mapping[str, Mask]) -> str:
    """Reason for a missing cardiothoracic ratio."""
    unknown = [name for name in CHEST if name not in masks]
    if unknown:
        return f"there is no mask of the {_in_words(unknown[0])}"
    empty = [name for name in CHEST if not masks[name].any()]
    if empty:
        return f"no {_in_words(empty[0])} was found"
    return "no row of the image has both lungs"


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def view_note(meta: Mapping[str, Any]) -> str | None:
    """Reason why the width of the heart is not comparable with that of PA images; ``None`` for a PA image.

    In an AP image, as of most patients who lie, the heart is farther from the detector and appears larger.
    """
    view = str(meta.get("ViewPosition") or "").strip().upper()
    if view == "PA":
        return None
    what = f"the view is {view}" if view else "the view is not stated"
    return f"{what}: the heart may be magnified, and the ratio is not comparable with those of PA images"


def spacing_reason(meta: Mapping[str, Any]) -> str:
    """Reason for a missing spacing, as given by the reader: the tags that cannot be used."""
    unusable = [text for text in meta.get("warnings", ()) if "Spacing" in text]
    if unusable:
        return "; ".join(unusable)
    return str(meta.get("spacing") or f"files of the format {meta.get('format', 'unknown')} state none")


def _ratio(first: int | None, second: int | None) -> float | None:
    return round(first / second, 4) if first is not None and second else None
