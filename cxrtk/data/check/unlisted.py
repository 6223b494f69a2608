"""Files in the data set's folder that no item of the reader uses: orphaned masks and skipped images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.issue import Issue
from cxrtk.data.check.naming import Names
from cxrtk.data.outputs import reason
from cxrtk.data.pixels.content import HEAD, kind_of, read_bytes
from cxrtk.data.pixels.dicom import is_dicom
from cxrtk.data.pixels.listing import SUFFIXES, walk_files
from cxrtk.errors import READ_CODES, CxrReadError

_PICTURES = ("PNG", "JPEG", "DICOM", "NIfTI", "TIFF", "GIF", "BMP", "JPEG 2000")
# Legitimate reasons for a reader to skip a file.
_BENIGN = (
    "modality",
    "flagged",
    "no_image",
    "no_source",
    "video",
    "format",
    "not_dicom",
    "not_image",
    "one_bit",
    "colour",
)


def unlisted(reader: Reader, items: Sequence[Mapping[str, Any]], root: Path) -> tuple[list[Path], list[Path]]:
    """Return image files below `root` that no item uses: those in label folders, and others."""
    used: set[Path] = set()
    label_folders: set[Path] = set()
    image_folders: set[Path] = set()
    for item in items:
        image = Path(item["image"]).absolute()
        used.add(image)
        image_folders.add(image.parent)
        for path in (Path(file).absolute() for file in reader.files(item)):
            used.add(path)
            if path != image:
                label_folders.add(path.parent)
    files = (path.absolute() for path in walk_files(root))
    left = [path for path in files if path not in used and _is_picture(path)]
    labels = [path for path in left if path.parent in label_folders - image_folders]
    told = set(labels)
    return labels, [path for path in left if path not in told]


def unlisted_issues(reader: Reader, paths: Sequence[Path], names: Names) -> Iterator[Issue]:
    """Return the issues of files that the reader does not list; legitimately skipped ones are counted.

    Args:
        reader: Reader of the data set; its `read` may run in another process.
        paths: Paths of the files.
        names: Display names for the issues.
    """
    left_out: Counter[tuple[Path, str, str]] = Counter()  # folder, code, reason
    for path in paths:
        try:
            reader.read(path)
        except CxrReadError as error:
            if error.code not in _BENIGN:
                yield Issue("unreadable", (names.of(path),), reason(error), error.code)
            else:
                left_out[path.parent, READ_CODES[error.code], error.code] += 1
        else:
            left_out[path.parent, "can be read", ""] += 1
    for (folder, why, code), count in left_out.items():
        yield Issue("not_listed", (names.of(folder),), f"{count} files: {why}", code)


def _is_picture(path: Path) -> bool:
    """Return whether the file is an image, by its name or by its first bytes."""
    if path.name.startswith("."):
        return False
    if path.name.lower().endswith(SUFFIXES):
        return True
    try:
        kind = kind_of(read_bytes(path, HEAD))
        return kind in _PICTURES or (kind is None and is_dicom(path))
    except CxrReadError:
        return False
