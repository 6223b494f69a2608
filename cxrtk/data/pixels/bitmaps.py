"""Masks and class maps stored as BMP or TIFF, decoded by Pillow once their headers were found plausible."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.data.pixels.content import MAX_PIXELS, WARNINGS_LOCK, check_size
from cxrtk.data.pixels.decode import DECODE_ERRORS
from cxrtk.errors import CxrReadError

MOST_BYTES: Final = 1 << 26  # of a file; a TIFF of 22 million pixels in colour, without compression
MOST_SAMPLES: Final = 40_000_000  # that a file may unfold to
_MOST_RLE = 1 << 20  # bytes of a run-length encoded BMP, which Pillow decodes in Python
_MOST_ENTRIES, _MOST_VALUES = 1024, 65_536  # of a TIFF's directory, and of one of its entries
_WIDTH, _HEIGHT, _SAMPLE_BITS, _STRIPS, _TILES = 256, 257, 258, 273, 324
_COUNTED = (_WIDTH, _HEIGHT, _SAMPLE_BITS, _STRIPS, 279, 322, 323, _TILES, 325)
_SAVE = "save it as PNG"


class Bitmap(NamedTuple):
    """Colours, (H, W, C) of any type; indices of a palette or grey values, (H, W), or None; opacity."""

    colours: npt.NDArray[Any]
    indices: npt.NDArray[Any] | None
    opaque: bool


def decode_bitmap(path: str | Path, data: bytes, kind: str) -> Bitmap:
    """Decode the bytes of a BMP or TIFF file with one picture.

    Args:
        path: Path for error messages.
        data: Bytes of the whole file.
        kind: ``BMP`` or ``TIFF``, as `cxrtk.data.pixels.content.kind_of` says.

    Raises:
        CxrReadError: The file is damaged, truncated, of several pages, too large, or of a colour model that a
            mask does not have.
    """
    if len(data) > MOST_BYTES:
        what = f"has {len(data)} bytes; a {kind} mask has at most {MOST_BYTES}"
        raise CxrReadError(path, what, cure=_SAVE, code="too_large")
    check: Callable[[str | Path, bytes], None] = _check_bmp if kind == "BMP" else _check_tiff
    try:
        check(path, data)
        return _decoded(path, data, kind)
    except CxrReadError:
        raise
    except DECODE_ERRORS as error:  # Pillow's text may quote the file
        what = f"is a damaged or truncated {kind}"
        raise CxrReadError(path, what, cure="copy it again", code="damaged") from error


def _decoded(path: str | Path, data: bytes, kind: str) -> Bitmap:
    with WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tags, which may quote the file
        image = Image.open(io.BytesIO(data), formats=[kind])
        check_size(path, image.height, image.width, MAX_PIXELS)
        _check_samples(path, image.height, image.width, len(image.getbands()))
        _check_parts(path, image)
        if _has_second(image):
            cure = "save the one to read"
            raise CxrReadError(path, "holds more than one picture", cure=cure, code="multi_frame")
        image.load()
    return _samples(path, image, kind)


def _samples(path: str | Path, image: Image.Image, kind: str) -> Bitmap:
    if image.mode == "1":
        grey = np.asarray(image, dtype=np.uint8) * np.uint8(255)
        return Bitmap(grey[..., None], grey, True)
    if image.mode == "P":
        return Bitmap(np.asarray(image.convert("RGB")), np.asarray(image), True)
    stored = np.asarray(image)
    if image.mode in ("LA", "RGBA"):
        opaque = bool((stored[..., -1] == 255).all())
        return Bitmap(stored[..., :-1], stored[..., 0] if image.mode == "LA" else None, opaque)
    if image.mode == "RGB":
        return Bitmap(stored, None, True)
    if image.mode in ("L", "I;16", "I;16B", "I;16L", "I", "F"):
        return Bitmap(stored[..., None], stored, True)
    raise CxrReadError(path, f"is a {kind} in {image.mode}", cure=_SAVE, code="colour")


def _has_second(image: Image.Image) -> bool:
    """Return whether there is a second picture; the others are not counted, as each costs a directory."""
    if image.format != "TIFF":
        return False
    try:
        image.seek(1)
    except EOFError:
        image.seek(0)
        return False
    return True


def _check_samples(path: str | Path, height: int, width: int, bands: int) -> None:
    """Refuse a bomb: more samples than a mask may unfold to."""
    if height * width * bands > MOST_SAMPLES:
        what = f"claims {width} x {height} pixels of {bands} samples, more than {MOST_SAMPLES} in all"
        raise CxrReadError(path, what, cure=_SAVE, code="too_large")


def _check_parts(path: str | Path, image: Any) -> None:
    """Refuse strips or tiles that do not cover the picture; Pillow would leave the rest black."""
    covered = 0
    for left, top, right, bottom in (part.extents for part in image.tile if part.extents is not None):
        covered += max(min(right, image.width) - left, 0) * max(min(bottom, image.height) - top, 0)
    if covered < image.width * image.height:
        what = f"is truncated (its parts cover {covered} of {image.width * image.height} pixels)"
        raise CxrReadError(path, what, cure="copy it again", code="truncated")


def _check_bmp(path: str | Path, data: bytes) -> None:
    """Check size and length by the header (BITMAPINFOHEADER or a longer one; OS/2's is left to Pillow)."""
    if len(data) < 54:
        raise CxrReadError(path, "is truncated in its header", cure="copy it again", code="truncated")
    start, length, width, height, _, bits, packed = struct.unpack_from("<IIiiHHI", data, 10)
    if length < 40:
        return
    height = abs(height)
    check_size(path, height, width, MAX_PIXELS)
    if packed in (1, 2):
        if len(data) > _MOST_RLE:
            what = f"is a run-length encoded BMP of {len(data)} bytes"
            raise CxrReadError(path, what, cure=_SAVE, code="too_large")
        return
    wanted = start + (width * bits + 31) // 32 * 4 * height
    if len(data) < wanted:
        what = f"is truncated ({len(data)} of {wanted} bytes)"
        raise CxrReadError(path, what, cure="copy it again", code="truncated")


def _check_tiff(path: str | Path, data: bytes) -> None:
    """Check the numbers of entries and values of the first directory (TIFF 6.0, section 2)."""
    order = "<" if data[:2] == b"II" else ">"
    at, count = 0, 0
    if len(data) >= 8:
        (at,) = struct.unpack_from(f"{order}I", data, 4)
    if at >= 8 and at + 2 <= len(data):
        (count,) = struct.unpack_from(f"{order}H", data, at)
    if count == 0 or at + 2 + 12 * count > len(data):
        raise CxrReadError(path, "is truncated in its header", cure="copy it again", code="truncated")
    if count > _MOST_ENTRIES:
        what = f"is damaged ({count} entries in its directory)"
        raise CxrReadError(path, what, cure=_SAVE, code="damaged")
    size = {}
    for entry in range(count):
        tag, kind, values = struct.unpack_from(f"{order}HHI", data, at + 2 + 12 * entry)
        if tag in _COUNTED and values > _MOST_VALUES:
            what = f"is damaged ({values} values of tag {tag})"
            raise CxrReadError(path, what, cure=_SAVE, code="damaged")
        if tag in (_WIDTH, _HEIGHT) and values == 1 and kind in (3, 4):
            form = "H" if kind == 3 else "I"
            (size[tag],) = struct.unpack_from(f"{order}{form}", data, at + 2 + 12 * entry + 8)
    if len(size) < 2:
        raise CxrReadError(path, "is a TIFF without a size", cure="copy it again", code="damaged")
    check_size(path, size[_HEIGHT], size[_WIDTH], MAX_PIXELS)
    _check_samples(path, size[_HEIGHT], size[_WIDTH], 1)
