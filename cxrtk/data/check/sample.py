"""Comparison of some masks of a set with their pictures, fast enough to run before a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.agreement import Agreement, agreements
from cxrtk.data.check.expected import expected_masks, is_comparable, shows_lungs
from cxrtk.data.check.issue import Issue
from cxrtk.data.check.misfits import habits
from cxrtk.errors import CxrError

SAMPLE = 16  # images; a few hundred milliseconds, and the time to read them


def habits_of_sample(reader: Reader, items: Sequence[Mapping[str, Any]], count: int = SAMPLE) -> list[Issue]:
    """Return the systematic misfits of a set's masks with their pictures, from a sample.

    The sample is spread evenly over the items, which need not all have a label. Files that cannot be read are
    skipped here, since the training reports them when it reads them.

    Args:
        reader: Reader of the items.
        items: Items of the reader.
        count: Number of images to compare.
    """
    step = max(len(items) // count, 1)
    compared = (_compared(reader, item) for item in items[::step][:count])
    return list(habits([found for found in compared if found]))


def _compared(reader: Reader, item: Mapping[str, Any]) -> list[Agreement]:
    try:
        pixels, label = reader.read(item["image"]).pixels, reader.read_label(item)
    except (CxrError, ValueError):
        return []
    if label is None or label.masks.shape[1:] != pixels.shape or not is_comparable(pixels):
        return []
    expected = expected_masks(pixels)
    return agreements(label, expected) if shows_lungs(expected) else []
