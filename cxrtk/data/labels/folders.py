"""Listing of a folder of masks; no file is skipped silently."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cxrtk.data.labels.named import side_of
from cxrtk.data.pixels.listing import is_junk, is_mask_name, mask_stem
from cxrtk.errors import DataError
from cxrtk.wording import counted

ABOUT: Final = "about.json"
# Files beside masks that hold no masks: tables and text.
BESIDE: Final = (
    ".csv", ".tsv", ".xls", ".xlsx", ".ods", ".parquet", ".txt", ".md", ".rst", ".pdf", ".doc", ".docx",
    ".htm", ".html", ".log", ".yaml", ".yml", ".sha256", ".md5", ".csv.gz",
)  # fmt: skip
READ_FORMATS: Final = (
    "masks are read from PNG, JPEG, BMP, GIF, TIFF, NIfTI, DICOM and DICOM SEG, polygons from COCO, "
    "LabelMe and Darwin JSON"
)
_SHOWN = 5

logger = logging.getLogger(__name__)


@dataclass
class MaskFolder:
    """The contents of one folder of masks.

    Attributes:
        files: Stem -> path of the masks, sorted by stem.
        drawings: Stem -> path of the JSON files, which hold the polygons of one picture or of a whole set.
        sides: ``right_lung`` and ``left_lung`` -> subfolder of that name.
    """

    files: dict[str, str] = field(default_factory=dict)
    drawings: dict[str, str] = field(default_factory=dict)
    sides: dict[str, Path] = field(default_factory=dict)


def list_masks(folder: Path) -> MaskFolder:
    """List a folder of masks, without opening a file.

    Tables, text and hidden files are counted in the log. Any other file that is not read as a mask is an
    error, and so is a subfolder with files that is not named after a side.

    Raises:
        DataError: The folder cannot be listed, two masks share a stem, or there are files that are not read.
    """
    found, unread, beside = MaskFolder(), [], 0
    for name, path, is_folder in _entries(folder):
        if is_folder:
            side = side_of(name)
            if side is not None and side in found.sides:
                raise DataError(f"{path}: is the folder of a side, as is {found.sides[side]}; keep one.")
            if side is not None:
                found.sides[side] = Path(path)
            elif not is_junk(name) and any(not is_junk(each) for each, _, _ in _entries(Path(path))):
                unread.append(f"{name}/")
        elif is_junk(name) or name == ABOUT or name.lower().endswith(BESIDE):
            beside += 1
        elif name.lower().endswith(".json"):
            found.drawings[mask_stem(name)] = path
        elif is_mask_name(name):
            first = found.files.setdefault(mask_stem(name), path)
            if first != path:
                raise DataError(f"{path}: has the stem of {first}; rename or remove one of them.")
        else:
            unread.append(name)
    if unread:
        raise DataError(unread_files(folder, unread))
    if beside:
        logger.info("%s: %s ignored (tables, texts, hidden files).", folder, counted(beside, "file"))
    found.files = dict(sorted(found.files.items()))
    found.drawings = dict(sorted(found.drawings.items()))
    return found


def unread_files(folder: Path, names: Sequence[str]) -> str:
    """Return the message for files of a folder of masks that are not read."""
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return (
        f"{folder.resolve()}: {len(names)} of its entries are not read as masks: {shown}; {READ_FORMATS}, "
        "one folder a side in folders named left and right. Convert them, name others by masks= "
        "(--set reader#masks=...), or move them elsewhere if they are not masks."
    )


def side_folders(root: Path) -> dict[str, Path]:
    """Return side -> folder of that name in `root`; empty unless there are both sides.

    Raises:
        DataError: Two folders are of one side, or `root` cannot be listed.
    """
    found: dict[str, list[Path]] = {}
    for name, path, is_folder in _entries(root):
        side = side_of(name) if is_folder else None
        if side is not None:
            found.setdefault(side, []).append(Path(path))
    if len(found) < 2:
        return {}
    for side, folders in found.items():
        if len(folders) > 1:
            raise DataError(
                f"{root.resolve()}: both {folders[0].name} and {folders[1].name} are folders of {side}; name "
                "the masks by masks= (--set reader#masks=...)."
            )
    return {side: folders[0] for side, folders in found.items()}


def _entries(folder: Path) -> list[tuple[str, str, bool]]:
    """Return name, path and whether it is a folder, sorted by name."""
    try:
        with os.scandir(folder) as entries:
            return sorted((entry.name, entry.path, entry.is_dir()) for entry in entries)
    except OSError as error:
        raise DataError(f"{folder.resolve()}: cannot be listed: {error.strerror}; check the path.") from error
