"""Detection of a file's format by its first bytes, never by its name."""

from __future__ import annotations

import os
import re
import stat
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cxrtk.errors import CxrReadError

# Maximum number of pixels to decode: Pillow's own limit. A 43 x 43 cm detector of 0.05 mm has 74 million.
MAX_PIXELS = 89_478_485
MAX_BYTES = 1 << 30
MIN_SIDE = 8
WARNINGS_LOCK = threading.RLock()  # filters of warnings are process-wide
LARGE = 12_000_000
MOST_RATIO = 500
LARGE_BYTES = 25_000_000  # of so many pixels of 16 bits, and a filter byte a row

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"PK\3\4", "zip archive"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)
_MARKUP = re.compile(rb"\s*(<[!?]?[A-Za-z]{1,12})")
_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r"
# Number of bytes that `kind_of` needs.
HEAD = 4096
_NIFTI_HEADER = 352
_NIFTI_MAGIC = ((344, b"n+1\0"), (344, b"ni1\0"), (4, b"n+2\0"), (4, b"ni2\0"))


class Pointer(NamedTuple):
    """A system that keeps large files outside the repository, the first bytes of its pointers, the cure."""

    system: str
    starts: tuple[bytes, ...]
    cure: str


POINTERS = (
    Pointer(
        "Git LFS",
        (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/"),
        "fetch the file with: git lfs pull",
    ),
    Pointer("git-annex", (b"/annex/objects/",), "fetch the file with: git annex get"),
)
_ANNEX = f"annex{os.sep}objects"


@contextmanager
def open_regular(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file for reading bytes.

    Raises:
        CxrReadError: The file is missing, a broken link, a folder, a pipe, unreadable, empty or above 1 GiB.
    """
    try:
        # Non-blocking, because opening a pipe would wait for a writer that may never come.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        what, cure = _missing(path)
        raise CxrReadError(path, what, cure=cure, code="missing") from error
    except (OSError, ValueError) as error:
        what = f"cannot be opened: {_reason(error)}"
        raise CxrReadError(path, what, cure="check the file", code="no_access") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise CxrReadError(path, "is not a regular file", cure="name an image file", code="not_a_file")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size == 0:
            raise CxrReadError(path, "is an empty file (0 bytes)", cure="copy it again", code="empty")
        if status.st_size > MAX_BYTES:
            what = f"is too large for a radiograph ({status.st_size} bytes)"
            raise CxrReadError(path, what, cure="leave it out", code="too_large")
        yield file


def read_bytes(path: str | Path, most: int = -1) -> bytes:
    """Read all bytes of a regular file, or its first `most`.

    Raises:
        CxrReadError: The same cases as in `open_regular`, or reading fails.
    """
    with open_regular(path) as file:
        try:
            return file.read(most)
        except OSError as error:
            what = f"cannot be read: {_reason(error)}"
            raise CxrReadError(path, what, cure="copy it again", code="no_access") from error


def kind_of(data: bytes) -> str | None:
    """Detect the format by magic bytes: ``PNG``, ``JPEG``, ``DICOM``, ``NIfTI`` or another; or None.

    A DICOM file without its preamble has no magic bytes, and gives None.

    >>> kind_of(b"GIF89a")
    'GIF'
    """
    if data[128:132] == b"DICM":  # first: the 128 bytes before it are arbitrary
        return "DICOM"
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    return "NIfTI" if _is_nifti(data) else None


def describe(data: bytes) -> str:
    """Describe the content as a phrase, for the error that refuses it."""
    if (pointer := pointer_of(data)) is not None:
        return f"is a pointer of {pointer.system}, not the file itself"
    kind = kind_of(data)
    return f"is {kind}" if kind else f"is not an image ({_beginning(data)})"


def pointer_of(data: bytes) -> Pointer | None:
    """Return the large-file system if a file holds only its pointer instead of the content, or None."""
    return next((pointer for pointer in POINTERS if data.startswith(pointer.starts)), None)


def refuse(path: str | Path, data: bytes, cure: str) -> CxrReadError:
    """Return the error for a file that is not of the requested format, by its first bytes."""
    if (pointer := pointer_of(data)) is not None:
        cure = pointer.cure
    return CxrReadError(path, describe(data), cure=cure, code="format" if kind_of(data) else "not_image")


def check_size(path: str | Path, height: int, width: int, max_pixels: int) -> None:
    """Check the size of an image before it is decoded.

    Raises:
        CxrReadError: A side is below `MIN_SIDE`, or there are more than `max_pixels` pixels.
    """
    if min(height, width) < MIN_SIDE:
        what = f"is {width} x {height} pixels; a side has less than {MIN_SIDE}"
        raise CxrReadError(path, what, cure="leave it out, it is not a radiograph", code="too_small")
    if height * width > max_pixels:
        millions, most = height * width / 1e6, max_pixels / 1e6
        what = f"is {width} x {height} pixels ({millions:.1f} million; at most {most:.1f})"
        raise CxrReadError(path, what, cure="reduce it, or raise max_pixels", code="too_large")


def _beginning(data: bytes) -> str:
    """Quote the start of unknown bytes; for text only a leading tag, since the rest may name a patient."""
    markup = _MARKUP.match(data)
    if markup:
        return f"starts with {markup[1].decode()}>"
    if data[:16].translate(None, _PRINTABLE) == b"":
        return "it is text"
    return f"starts with the bytes {data[:4].hex(' ')}"


def shown(path: str | Path) -> str:
    """Return a path safe for a log line: a newline in a name must not forge a second line."""
    text = os.fspath(path)
    return text if text.isprintable() else repr(text)


def check_ratio(path: str | Path, height: int, width: int, size: int) -> None:
    """Refuse decompression bombs; radiographs are noisy, so that no codec reaches extreme ratios.

    Args:
        path: Path for the error message.
        height: Number of rows.
        width: Number of columns.
        size: Size of the compressed image in bytes.

    Raises:
        CxrReadError: There are more than `LARGE` pixels, and more than `MOST_RATIO` pixels per byte.
    """
    if height * width > max(LARGE, MOST_RATIO * size):
        what = f"claims {width} x {height} pixels in {size} bytes, which no radiograph fits into"
        raise CxrReadError(path, what, cure="copy it again, or leave it out", code="too_large")


def check_inflation(path: str | Path, raw: int, size: int) -> None:
    """Refuse decompression bombs by the bytes of all samples; a pixel may have up to eight samples.

    Args:
        path: Path for the error message.
        raw: Number of bytes before compression.
        size: Size of the compressed image in bytes.

    Raises:
        CxrReadError: There are more than `LARGE_BYTES`, and more than `MOST_RATIO` per byte.
    """
    if raw > max(LARGE_BYTES, MOST_RATIO * size):
        what = f"claims {raw} bytes of samples in {size} bytes, which no radiograph fits into"
        raise CxrReadError(path, what, cure="copy it again, or leave it out", code="too_large")


def _is_nifti(data: bytes) -> bool:
    if data.startswith(b"\x1f\x8b"):
        try:
            data = zlib.decompressobj(wbits=31).decompress(data[:HEAD], _NIFTI_HEADER)
        except zlib.error:
            return False
    return any(data[place : place + 4] == magic for place, magic in _NIFTI_MAGIC)


def _missing(path: str | Path) -> tuple[str, str]:
    """Return what is wrong with a path that leads nowhere, and the cure."""
    if not Path(path).is_symlink():
        return "does not exist", "check the path"
    if _ANNEX in str(Path(path).readlink()):
        return "is a pointer of git-annex, not the file itself", POINTERS[1].cure
    return "is a broken link", "check the path"


def _reason(error: Exception) -> str:
    """Return the system's error message without the path, which the error names already."""
    return getattr(error, "strerror", None) or str(error)
