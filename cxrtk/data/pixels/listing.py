"""Listing of the image files in a folder, in one pass over its names."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cxrtk.errors import DataError
from cxrtk.wording import counted

SUFFIXES = (".nii.gz", ".nii", ".png", ".jpg", ".jpeg", ".dcm", ".dicom")
MASK_SUFFIXES = (*SUFFIXES, ".bmp", ".gif", ".tif", ".tiff")  # lossless formats that only masks may have
_JUNK = ("Thumbs.db", "desktop.ini")

logger = logging.getLogger(__name__)


def stem_of(name: str) -> str:
    """Return a file's name without an image suffix; other dots belong to the stem.

    >>> stem_of("a.nii.gz"), stem_of("1.2.840.7"), stem_of("B.PNG")
    ('a', '1.2.840.7', 'B')
    """
    return _without(name, SUFFIXES)


def mask_stem(name: str) -> str:
    """Return the stem of a mask's file, which may also be BMP, GIF, TIFF or JSON.

    >>> mask_stem("a.tif"), mask_stem("a.nii.gz"), mask_stem("a.json")
    ('a', 'a', 'a')
    """
    return _without(name, (*MASK_SUFFIXES, ".json"))


def _without(name: str, suffixes: Sequence[str]) -> str:
    for suffix in suffixes:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def list_images(folder: Path) -> dict[str, str]:
    """Return stem -> path of the image files in `folder`, sorted by stem, without opening or stat-ing them.

    An image file has a suffix of `SUFFIXES`, or none, or only digits after its last dot (DICOM UIDs). Hidden
    files, ``._*`` of macOS and ``Thumbs.db`` of Windows are skipped, and counted in the log.

    Raises:
        DataError: The folder does not exist, or two of its files share a stem.
    """
    found: dict[str, str] = {}
    ignored = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):  # known from the listing, without a stat call
                    continue
                if not is_image_name(entry.name):
                    ignored += 1
                    continue
                first = found.setdefault(stem_of(entry.name), entry.path)
                if first != entry.path:
                    raise DataError(f"{entry.path}: has the stem of {first}; rename or remove one of them.")
    except OSError as error:
        raise DataError(
            f"{Path(folder).resolve()}: cannot be listed: {error.strerror}; check the path."
        ) from error
    if ignored:
        logger.info("%s: %s ignored, not images.", folder, counted(ignored, "file"))
    return {stem: found[stem] for stem in sorted(found)}


def walk_files(root: Path) -> list[Path]:
    """Return all files below `root`, or `root` itself where it is a file, sorted by path.

    Each folder is visited once, as links may form loops; a folder that cannot be listed is named in the log.
    """
    if not root.is_dir():
        return [root]
    return sorted(_below(root, set()), key=lambda path: path.relative_to(root).as_posix())


def pair(images: Mapping[str, str], masks: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Select the masks that belong to an image.

    Raises:
        DataError: There are masks, but none matches the stem of an image.
    """
    paired = {stem: path for stem, path in masks.items() if stem in images}
    others = [stem for stem in masks if stem not in images]
    if masks and not paired:
        raise DataError(
            f"{folder.resolve()}: none of {len(masks)} masks has the stem of an image ({others[0]!r} against "
            f"{next(iter(images))!r}); give both the same name, or state how masks are named, such as "
            f"masks={folder.name}/{{stem}}_mask (--set reader#masks=...)."
        )
    if others:
        logger.warning(
            "%s: %s without an image, the first %r.", folder, counted(len(others), "mask"), others[0]
        )
    return paired


def _below(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            listed = sorted((Path(entry.path), _is_folder(entry)) for entry in entries)
    except OSError as error:
        logger.warning("Left out: %s: the folder cannot be listed: %s", folder, error.strerror)
        return
    for path, is_folder in listed:
        if is_folder:
            yield from _below(path, seen)
        else:
            yield path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: not a folder, and reading it reports the fault
        return False


def is_image_name(name: str) -> bool:
    """Return whether a file of that name counts as an image; see `list_images`."""
    return _has_suffix(name, SUFFIXES)


def is_mask_name(name: str) -> bool:
    """Return whether a file of that name counts as a mask: as `is_image_name`, or BMP, GIF or TIFF."""
    return _has_suffix(name, MASK_SUFFIXES)


def is_junk(name: str) -> bool:
    """Return whether a file of that name is hidden, or one that a system leaves in folders."""
    return name.startswith(".") or name in _JUNK


def _has_suffix(name: str, suffixes: tuple[str, ...]) -> bool:
    if is_junk(name):
        return False
    _, dot, suffix = name.rpartition(".")
    return not dot or suffix.isdigit() or name.lower().endswith(suffixes)
