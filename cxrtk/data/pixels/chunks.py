"""Structure of a PNG file (W3C PNG specification, third edition, sections 5 and 11)."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cxrtk.data.pixels.content import shown
from cxrtk.errors import CxrReadError

_SIGNATURE_LENGTH = 8
_FRAME = 12  # bytes of length, type and CRC, 4 each

_HEADER_END = 33  # bytes of signature, frame and the 13 of IHDR

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# First column and row, and steps, of the reduced images of an interlaced file (section 8.2, Adam7).
_PLAIN = ((0, 0, 1, 1),)
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

MOST_CHUNKS = 65_536  # libpng writes 8 KiB per chunk: 512 MiB

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PngHeader:
    """Size in pixels, bits per sample, colour type (`GREY` to `RGBA`), and whether interlaced by Adam7."""

    width: int
    height: int
    bits: int
    colour_type: int
    interlaced: bool

    @property
    def channels(self) -> int:
        """Samples of a pixel, alpha included; a palette's index is one."""
        return _CHANNELS[self.colour_type]

    def raw_bytes(self) -> int:
        """Return the bytes of all rows before compression: per row a filter byte, then the samples.

        The samples of a row are rounded up to whole bytes.
        """
        bits = self.bits * self.channels
        total = 0
        for left, top, step_x, step_y in _ADAM7 if self.interlaced else _PLAIN:
            columns, rows = len(range(left, self.width, step_x)), len(range(top, self.height, step_y))
            total += rows * (1 + -(-columns * bits // 8)) if columns else 0
        return total


def png_header(path: str | Path, data: bytes) -> PngHeader:
    """Parse the IHDR chunk from a PNG file's first bytes.

    Raises:
        CxrReadError: The chunk is truncated or missing, or its checksum or one of its values is wrong.
    """
    if len(data) < _HEADER_END or data[12:16] != b"IHDR":
        raise CxrReadError(path, "is truncated in its header", cure="copy it again", code="truncated")
    width, height, bits, colour_type, interlaced, stated = struct.unpack_from(">IIBBxxBI", data, 16)
    if zlib.crc32(data[12 : _HEADER_END - 4]) != stated:  # checked before any of its values is used
        what = "is damaged (wrong checksum of its header)"
        raise CxrReadError(path, what, cure="copy it again", code="damaged")
    if colour_type not in _CHANNELS:
        what = f"is damaged (unknown colour type {colour_type})"
        raise CxrReadError(path, what, cure="save it again", code="damaged")
    return PngHeader(width, height, bits, colour_type, bool(interlaced))


def check_chunks(path: str | Path, data: bytes) -> dict[str, str]:
    """Verify the checksum of every chunk; Pillow skips those of the pixel data.

    Returns:
        A flag where the file has no IEND, or data after it; its pixels may still be complete.

    Raises:
        CxrReadError: A chunk is truncated or damaged.
    """
    end = _SIGNATURE_LENGTH
    kind = b""
    pixels = 0
    for number, (kind, start, end) in enumerate(_chunks(data)):
        if number == MOST_CHUNKS:
            what = f"is damaged (more than {MOST_CHUNKS} chunks)"
            raise CxrReadError(path, what, cure="save it again", code="damaged")
        pixels += kind == b"IDAT"
        if end > len(data):
            what = f"is truncated ({len(data)} bytes; at least {end} are needed)"
            raise CxrReadError(path, what, cure="copy it again", code="truncated")
        (stated,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(memoryview(data)[start - 4 : end - 4]) != stated:
            what = f"is damaged (wrong checksum of {kind!r})"
            raise CxrReadError(path, what, cure="copy it again", code="damaged")
    if not pixels:
        raise CxrReadError(path, "is truncated before its pixels", cure="copy it again", code="truncated")
    if kind != b"IEND":
        logger.warning("%s: has no end mark (IEND); its pixels are read.", shown(path))
        return {"no_end": "IEND is missing"}
    if end < len(data):
        logger.warning("%s: %d bytes after the end of the PNG are ignored.", shown(path), len(data) - end)
        return {"trailing_bytes": f"{len(data) - end} bytes after IEND"}
    return {}


def check_rows(path: str | Path, data: bytes, header: PngHeader) -> None:
    """Count the rows; Pillow silently fills missing rows with black.

    Raises:
        CxrReadError: There are fewer rows than the header declares.
    """
    packed = b"".join(data[start : end - 4] for kind, start, end in _chunks(data) if kind == b"IDAT")
    wanted = header.raw_bytes()
    try:
        there = len(zlib.decompressobj().decompress(packed, wanted))
    except zlib.error as error:
        raise CxrReadError(path, f"is damaged ({error})", cure="copy it again", code="damaged") from error
    if there < wanted:
        what = f"is truncated ({there} of {wanted} bytes of pixels)"
        raise CxrReadError(path, what, cure="copy it again", code="truncated")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start of data and end after the CRC of each chunk up to IEND; the last may be cut."""
    end = _SIGNATURE_LENGTH
    kind = b""
    while end < len(data) and kind != b"IEND":
        start = end + 8
        length, kind = struct.unpack(">I4s", data[end:start].ljust(8, b"\0"))
        end = start + length + 4
        yield kind, start, end
