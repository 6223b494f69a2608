"""Opening a file that may be anything, and telling DICOM from the rest by its first bytes."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cxrtk.data.pixels.content import MAX_BYTES
from cxrtk.errors import CxrReadError

PREFIX_AT = 128
PREFIX = b"DICM"
DATASET_AT = PREFIX_AT + len(PREFIX)

_FIRST_GROUPS = (0x0002, 0x0008)
_EXPLICIT_VRS = (b"UL", b"OB", b"UI", b"CS", b"DA", b"LO", b"SH", b"TM")
_LONGEST_FIRST_VALUE = 1024


@contextmanager
def open_regular(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file; refuse others before opening them, because a FIFO would block for ever.

    Raises:
        CxrReadError: There is no such file, it may not be read, is empty, or is a folder, FIFO or device.
    """
    file = Path(path)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CxrReadError(path, "is not a regular file", cure="name a DICOM file")
        if status.st_size == 0:
            raise CxrReadError(path, "is an empty file (0 bytes)", cure="copy it again")
        if status.st_size > MAX_BYTES:
            what = f"is too large for a radiograph ({status.st_size} bytes)"
            raise CxrReadError(path, what, cure="leave it out")
        stream = file.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        broken = isinstance(error, FileNotFoundError) and file.is_symlink()
        reason = (
            "is a broken link" if broken else f"cannot be opened: {getattr(error, 'strerror', None) or error}"
        )
        raise CxrReadError(path, reason, cure="check the path and its permissions") from error
    with stream:
        yield stream


def is_dicom(path: str | Path) -> bool:
    """Whether a file's content, whatever its name, looks like DICOM.

    Yes where ``DICM`` stands at byte 128 (PS3.10 section 7.1). A file without that preamble is taken too
    where it starts with an element of group 0002 or 0008 whose VR (explicit) or length (implicit) such an
    element can have; text and other image formats do not.

    Raises:
        CxrReadError: The file is missing or may not be read. A folder or FIFO is no error but no DICOM.
    """
    file = Path(path)
    if file.exists() and (not file.is_file() or file.stat().st_size == 0):
        return False
    with open_regular(path) as stream:
        return looks_like_dicom(stream.read(DATASET_AT))


def looks_like_dicom(head: bytes) -> bool:
    """The rule of `is_dicom` on the first 132 bytes of a file."""
    return head[PREFIX_AT:DATASET_AT] == PREFIX or any(
        _starts_with_element(head, order) for order in ("little", "big")
    )


def _starts_with_element(head: bytes, order: str) -> bool:
    if len(head) < 8:
        return False
    group, element, length = (
        int.from_bytes(part, "little" if order == "little" else "big")
        for part in (head[:2], head[2:4], head[4:8])
    )
    if group not in _FIRST_GROUPS or element > 0x0100:
        return False
    # Implicit VR: the four bytes after the tag are a length; explicit: two letters come first.
    return head[4:6] in _EXPLICIT_VRS or (order == "little" and 0 < length <= _LONGEST_FIRST_VALUE)
