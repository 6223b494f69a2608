"""Choice of the reader for a folder if the user names none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cxrtk.data.check.layouts import layouts
from cxrtk.errors import ConfigError, CxrError
from cxrtk.registry import readers

OF_LAYOUTS = ("image_mask_folder", "nnunet")  # readers with errors that explain faults of masks


class _Fit(NamedTuple):
    name: str
    labelled: bool
    columns: bool  # its first item has more columns than path and patient


def choose_reader(root: Path) -> str:
    """Return the only reader that can list the folder; if several can, the only one with masks or columns.

    Each registered reader is created with `root` alone, and its items are listed. If there are masks in the
    folder that no reader reads, none is chosen.

    Raises:
        ConfigError: No reader can list it, there are masks that none reads, or more than one fits equally
            well; the message names them.
    """
    fits, refusals = [], {}
    for name in readers.names():
        try:
            fit = _fit(name, root)
        except (CxrError, TypeError) as error:  # other layout, or arguments besides the folder are needed
            refusals[name] = error
            continue
        if fit is not None:
            fits.append(fit)
    labelled = [fit for fit in fits if fit.labelled]
    if not labelled and root.is_dir():
        _refuse_unread_masks(root, refusals)
    if not fits:
        known = ", ".join(readers.names())
        raise ConfigError(f"{root}: no reader finds images there; name one with --reader: {known}.")
    for better in (fits, labelled, [fit for fit in fits if fit.columns]):
        if len(better) == 1:
            return better[0].name
    several = ", ".join(fit.name for fit in fits)
    raise ConfigError(f"{root}: the readers {several} find images there; name one with --reader.")


def _refuse_unread_masks(root: Path, refusals: Mapping[str, Exception]) -> None:
    """Raise an error if there are masks in a folder, with the message of the reader for that layout."""
    found = layouts(root)
    if not found:
        return
    why = [f" {name}: {refusals[name]}" for name in OF_LAYOUTS if isinstance(refusals.get(name), CxrError)]
    raise ConfigError(
        f"{root}: there are {found[0].what}, but no reader finds the mask of an image; try {found[0].cure}."
        + "".join(why[:1])
    )


def _fit(name: str, root: Path) -> _Fit | None:
    """Return how well a reader fits the folder; errors of the reader are passed on."""
    reader = readers.create(name, root=str(root))
    items = reader.items()
    if not items or not os.path.lexists(items[0]["image"]):
        return None  # a reader that generates its images fits every folder
    first = items[0]
    return _Fit(name, any(map(reader.has_label, items)), _known(first))


def _known(item: Mapping[str, Any]) -> bool:
    stem = Path(str(item["image"])).stem
    told = {key: value for key, value in item.items() if key not in ("image", "patient")}
    return any(value not in (None, "", stem) for value in told.values())
