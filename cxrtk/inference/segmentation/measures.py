"""Measures of the masks of one radiograph; see docs/measures.md for their definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import Radiograph
from cxrtk.cardiothoracic import CHEST, cardiothoracic_ratio
from cxrtk.classes import HEART, in_words
from cxrtk.models.postprocess import bounds

Mask = npt.NDArray[np.uint8]


def measure(
    masks: Mask,
    classes: Sequence[str],
    radiograph: Radiograph,
    heart_doubt: str | None = None,
    interval: Callable[[float], list[float] | None] | None = None,
) -> dict[str, Any]:
    """Compute areas, fractions, bounding boxes and the cardiothoracic ratio, as JSON values.

    Args:
        masks: (C, H, W) array of zeros and ones.
        classes: Names of the C classes.
        radiograph: Source of the pixel spacing and its provenance.
        heart_doubt: Reason for withholding the measures of the heart although it has a mask.
        interval: Function that maps the cardiothoracic ratio to its 90 % interval; ``None`` to omit it.

    Returns:
        ``area_px`` and ``bounding_box_px`` (row, column, height, width; ``None`` if empty) per class,
        ``area_mm2`` per class or ``None``; ``spacing_mm``, ``spacing_source`` and ``spacing_reason`` (why no
        spacing is known); ``lung_fraction_of_image``, the fraction of the image covered by the lungs;
        ``right_to_left_lung_area``, the ratio of the lungs' areas; ``cardiothoracic_ratio``, ``None`` if one
        of its structures is missing, with ``cardiothoracic_interval`` ([low, high], or ``None``),
        ``cardiothoracic_reason`` (why there is no ratio) and ``cardiothoracic_note`` (why it is not
        comparable with ratios of PA images); both are ``None`` where there is nothing to say. Where the heart
        is in doubt, all of its measures are ``None``.
    """
    by_name = dict(zip(classes, masks, strict=True))
    spacing = radiograph.spacing_mm
    pixel_mm2 = spacing[0] * spacing[1] if spacing else None
    areas = {name: int(np.count_nonzero(mask)) for name, mask in by_name.items()}
    boxes = {name: bounding_box(mask) for name, mask in by_name.items()}
    known = {**areas, HEART: None} if heart_doubt and HEART in areas else areas
    ratio = None if heart_doubt else cardiothoracic_ratio(by_name)
    return {
        "area_px": known,
        "area_mm2": {
            name: None if pixel_mm2 is None or area is None else round(area * pixel_mm2, 1)
            for name, area in known.items()
        },
        "spacing_mm": list(spacing) if spacing else None,
        "spacing_source": radiograph.spacing_source,
        "spacing_reason": None if spacing else spacing_reason(radiograph.meta),
        "bounding_box_px": {name: None if known[name] is None else box for name, box in boxes.items()},
        "lung_fraction_of_image": round(np.count_nonzero(lungs_of(masks, classes)) / masks[0].size, 6),
        "right_to_left_lung_area": _ratio(areas.get("right_lung"), areas.get("left_lung")),
        "cardiothoracic_ratio": ratio,
        "cardiothoracic_interval": None if ratio is None or interval is None else interval(ratio),
        "cardiothoracic_reason": None if ratio is not None else heart_doubt or _missing(by_name),
        "cardiothoracic_note": None if ratio is None else view_note(radiograph.meta),
    }


def lungs_of(masks: Mask, classes: Sequence[str]) -> Mask:
    """Return the union of both lungs as one (H, W) mask, without the heart."""
    lungs = [index for index, name in enumerate(classes) if name in ("lungs", "right_lung", "left_lung")]
    return reduce(np.maximum, [masks[index] for index in lungs])


def bounding_box(mask: Mask) -> list[int] | None:
    """Return the upright bounding box of a mask: [row, column, height, width] in pixels."""
    box = bounds(mask)
    if box is None:
        return None
    rows, columns = box
    return [
        int(each)
        for each in (rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start)
    ]


def _missing(masks: Mapping[str, Mask]) -> str:
    """Return the reason for a missing cardiothoracic ratio."""
    unknown = [name for name in CHEST if name not in masks]
    if unknown:
        return f"there is no mask of the {in_words(unknown[0])}"
    empty = [name for name in CHEST if not masks[name].any()]
    if empty:
        return f"no {in_words(empty[0])} was found"
    return "no row of the image has both lungs"


def view_note(meta: Mapping[str, Any]) -> str | None:
    """Return why the heart's width is not comparable with that of PA images; ``None`` for a PA image.

    In an AP image, the usual view of supine patients, the heart is farther from the detector and appears
    larger.
    """
    view = str(meta.get("ViewPosition") or "").strip().upper()
    if view == "PA":
        return None
    what = f"the view is {view}" if view else "the view is not stated"
    return f"{what}: the heart may be magnified, and the ratio is not comparable with those of PA images"


def spacing_reason(meta: Mapping[str, Any]) -> str:
    """Return the reader's reason for a missing spacing: the tags that cannot be used."""
    unusable = [text for text in meta.get("warnings", ()) if "Spacing" in text]
    if unusable:
        return "; ".join(unusable)
    return str(meta.get("spacing") or f"files of the format {meta.get('format', 'unknown')} state none")


def _ratio(first: int | None, second: int | None) -> float | None:
    return round(first / second, 4) if first is not None and second else None
