"""Anonymous summary statistics of a data set: counts and ranges."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import quantiles
from typing import Any

from cxrtk.data.check.examine import Examined

Item = Mapping[str, Any]

# Columns with coded values in the built-in readers, which therefore identify no one.
COLUMNS = (
    "view",
    "sex",
    "modality",
    "laterality",
    "findings",
    "finding",
    "label",
    "kind",
    "nodule",
    "source",
)
MOST_VALUES = 20  # bins of a histogram; the other values are counted together
LONGEST_VALUE = 40  # characters


def summary(
    items: Sequence[Item],
    examined: Sequence[Examined],
    parts: Mapping[str, Sequence[Item]],
    columns: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the summary as plain JSON; see docs/check.md.

    Args:
        items: Items of the reader.
        examined: Results of the examination, one per item.
        parts: Parts of the split, if there is one.
        columns: Additional columns of the items to count; their values are shown unchanged.
    """
    per_patient = Counter(str(item["patient"]) for item in items)
    read = [seen for seen in examined if seen.size is not None]
    return {
        "images": len(items),
        "readable": len(read),
        "patients": len(per_patient),
        "most_images_of_a_patient": max(per_patient.values()),
        "pixels_sha256": _together(seen.imprint.sha256 for seen in read if seen.imprint is not None),
        "formats": histogram(seen.format or "unknown" for seen in read),
        "sizes": {
            "width": spread([seen.size[1] for seen in read if seen.size]),
            "height": spread([seen.size[0] for seen in read if seen.size]),
            "common": histogram(f"{seen.size[1]} x {seen.size[0]}" for seen in read if seen.size),
        },
        "spacing": {
            "sources": histogram(seen.spacing[2] if seen.spacing else "unknown" for seen in read),
            "row_mm": spread([seen.spacing[0] for seen in read if seen.spacing]),
            "column_mm": spread([seen.spacing[1] for seen in read if seen.spacing]),
        },
        "mean": spread([seen.mean for seen in read if seen.mean is not None]),
        "labels": {
            "images": sum(seen.truth is not None for seen in examined),
            "truth": histogram(seen.truth for seen in examined if seen.truth),
            "heart": histogram(seen.heart for seen in examined if seen.heart),
            "classes": histogram(name for seen in examined for name in seen.classes),
            "gap_growth": spread([seen.gap_growth for seen in examined if seen.gap_growth is not None]),
            "lung_share": spread([seen.lung_share for seen in examined if seen.lung_share is not None]),
        },
        "columns": {
            name: values for name in dict.fromkeys((*COLUMNS, *columns)) if (values := _column(items, name))
        },
        "parts": {
            part: {"images": len(held), "patients": len({str(item["patient"]) for item in held})}
            for part, held in parts.items()
        },
    }


def histogram(values: Iterable[str | None]) -> dict[str, int]:
    """Count the values, most common first; after 20 the rest is ``"(others)"``."""
    counted = Counter(value[:LONGEST_VALUE] for value in values if value is not None)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = dict(ordered[:MOST_VALUES])
    if len(ordered) > MOST_VALUES:
        shown["(others)"] = sum(count for _, count in ordered[MOST_VALUES:])
    return shown


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """Return minimum, quartiles and maximum; ``None`` for an empty sequence.

    >>> spread([1, 2, 3, 4, 5])
    {'least': 1, 'lower': 2.0, 'median': 3.0, 'upper': 4.0, 'most': 5}
    """
    if not values:
        return None
    cuts = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    names = ("least", "lower", "median", "upper", "most")
    return dict(zip(names, (round(value, 4) for value in (min(values), *cuts, max(values))), strict=True))


def _column(items: Sequence[Item], name: str) -> dict[str, int]:
    """Count the values of a column, lists by element; empty where no item has the column."""
    values: list[str] = []
    for item in items:
        value = item.get(name)
        if isinstance(value, (list, tuple)):
            values += map(str, value)
        elif value not in (None, ""):
            values.append(str(value))
    return histogram(values)


def _together(digests: Iterable[str]) -> str:
    """Combine digests into one, independent of their order."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
