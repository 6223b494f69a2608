"""Choice of the reader for a folder where the user names none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cxrtk.errors import ConfigError, CxrError
from cxrtk.registry import readers


class _Fit(NamedTuple):
    name: str
    labelled: bool
    columns: bool  # its first item has more columns than path and patient


def choose_reader(root: Path) -> str:
    """Return the one reader that can list the folder; of several, the only one with masks, or with columns.

    Each registered reader is created with `root` alone, and its items are listed.

    Raises:
        ConfigError: No reader can list it, or more than one fits equally well; the message names them.
    """
    fits = []
    for name in readers.names():
        fit = _fit(name, root)
        if fit is not None:
            fits.append(fit)
    if not fits:
        known = ", ".join(readers.names())
        raise ConfigError(f"{root}: no reader finds images there; name one with --reader: {known}.")
    for better in (fits, [fit for fit in fits if fit.labelled], [fit for fit in fits if fit.columns]):
        if len(better) == 1:
            return better[0].name
    several = ", ".join(fit.name for fit in fits)
    raise ConfigError(f"{root}: the readers {several} find images there; name one with --reader.")


def _fit(name: str, root: Path) -> _Fit | None:
    try:
        reader = readers.create(name, root=str(root))
        items = reader.items()
        if not items or not os.path.lexists(items[0]["image"]):
            return None  # a reader that generates its images fits every folder
        first = items[0]
        return _Fit(name, any(map(reader.has_label, items)), _known(first))
    except (CxrError, TypeError):  # other layout, or arguments besides the folder are needed
        return None


def _known(item: Mapping[str, Any]) -> bool:
    stem = Path(str(item["image"])).stem
    told = {key: value for key, value in item.items() if key not in ("image", "patient")}
    return any(value not in (None, "", stem) for value in told.values())
