"""Detection of DICOM files by their first bytes, without pydicom."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal

from cxrtk.data.pixels.content import read_bytes

PREFIX_AT = 128
PREFIX = b"DICM"
DATASET_AT = PREFIX_AT + len(PREFIX)
MODALITIES = ("CR", "DX", "RG", "")  # computed, digital and other radiography; or not stated

_FIRST_GROUPS = (0x0002, 0x0008)
_LAST_FIRST_ELEMENT = 0x0100
_EXPLICIT_VRS = (b"UL", b"OB", b"UI", b"CS", b"DA", b"LO", b"SH", b"TM")
_LONGEST_FIRST_VALUE = 1024


def is_dicom(path: str | Path) -> bool:
    """Return whether a file's content, whatever its name, is DICOM.

    True where ``DICM`` stands at byte 128 (PS3.10 section 7.1). A file without that preamble is accepted too
    if it starts with an element of group 0002 or 0008 with a VR (explicit) or length (implicit) that is
    plausible for that element, which excludes text and other image formats.

    Raises:
        CxrReadError: The file is missing or not readable. A folder, pipe or empty file is not DICOM.
    """
    with suppress(OSError, ValueError):  # read_bytes reports files that cannot be inspected
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
            return False
    return looks_like_dicom(read_bytes(path, DATASET_AT))


def looks_like_dicom(head: bytes) -> bool:
    """Apply the rule of `is_dicom` to the first 132 bytes of a file."""
    has_prefix = head[PREFIX_AT:DATASET_AT] == PREFIX
    return has_prefix or _starts_with_element(head, "little") or _starts_with_element(head, "big")


def _starts_with_element(head: bytes, order: Literal["little", "big"]) -> bool:
    group, element, length = (int.from_bytes(part, order) for part in (head[:2], head[2:4], head[4:8]))
    if len(head) < 8 or group not in _FIRST_GROUPS or element > _LAST_FIRST_ELEMENT:
        return False
    # Explicit VR: two letters follow the tag; implicit, which is little endian only: four bytes of length.
    return head[4:6] in _EXPLICIT_VRS or (order == "little" and 0 < length <= _LONGEST_FIRST_VALUE)
