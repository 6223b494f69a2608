"""Evaluation by subgroup, such as sex, source or finding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrtk.errors import ConfigError
from cxrtk.evaluation.table import Case

MANY = 8  # number of distinct values above which a numeric column is split at its quartiles
SEVERAL = "|"  # separator of the findings of one image, as in NIH ChestX-ray14
UNKNOWN = "unknown"


def subgroups(cases: Sequence[Case], column: str) -> dict[str, list[Case]]:
    """Group cases by the values of a column.

    A column of more than eight distinct numbers, such as ages, is split at its quartiles: ``0 to 41``. An
    image with several values in one cell, ``Edema|Effusion``, belongs to each. An empty cell is ``unknown``.

    Raises:
        ConfigError: The cases have no such column.
    """
    if any(column not in case.columns for case in cases):
        known = ", ".join(sorted(set.intersection(*(set(case.columns) for case in cases)))) or "none"
        raise ConfigError(f"The images have no column {column!r}; available: {known}.")
    numbers = [_number(case.columns[column]) for case in cases]
    stated = [number for number in numbers if number is not None]
    all_numbers = len(stated) == sum(bool(case.columns[column].strip()) for case in cases)
    if all_numbers and len(set(stated)) > MANY:
        return _quarters(cases, numbers, stated)
    groups: dict[str, list[Case]] = {}
    for case in cases:
        for value in dict.fromkeys(case.columns[column].split(SEVERAL)):
            groups.setdefault(value.strip() or UNKNOWN, []).append(case)
    return dict(sorted(groups.items()))


def _quarters(
    cases: Sequence[Case], numbers: Sequence[float | None], stated: Sequence[float]
) -> dict[str, list[Case]]:
    """Split at the first, second and third quartile; the boundary belongs to the lower group."""
    borders = np.unique(np.quantile(stated, [0.25, 0.5, 0.75], method="inverted_cdf"))
    index = [None if number is None else int(np.searchsorted(borders, number)) for number in numbers]
    groups: dict[str, list[Case]] = {}
    for which in [*range(len(borders) + 1), None]:
        some = [case for case, place in zip(cases, index, strict=True) if place == which]
        if not some:
            continue
        inside = [
            number
            for number, place in zip(numbers, index, strict=True)
            if place == which and number is not None
        ]
        groups[f"{min(inside):g} to {max(inside):g}" if inside else UNKNOWN] = some
    return groups


def _number(text: str) -> float | None:
    """Parse ``58`` or, as DICOM and NIH write ages, ``058Y``."""
    try:
        number = float(text.strip().removesuffix("Y"))
    except ValueError:
        return None
    return number if np.isfinite(number) else None
