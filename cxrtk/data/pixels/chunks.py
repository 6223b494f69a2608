"""The skeleton of a PNG file (W3C PNG specification, third edition, sections 5 and 11)."""

from __future__ import annotations

import logging
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from cxrtk.errors import CxrReadError

_SIGNATURE_LENGTH = 8
_FRAME = 12  # length, type and CRC, 4 bytes each

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PngHeader:
    """Size in pixels, bits a sample, and colour type (`GREY`, `RGB`, `PALETTE`, `GREY_ALPHA`, `RGBA`)."""

    width: int
    height: int
    bits: int
    colour_type: int


def png_header(path: str | Path, data: bytes) -> PngHeader:
    """The IHDR chunk of a PNG file's first bytes.

    Raises:
        CxrReadError: It is cut, or not there.
    """
    head = data[_SIGNATURE_LENGTH : _SIGNATURE_LENGTH + 8 + 10]
    if len(head) < 18 or head[4:8] != b"IHDR":
        raise CxrReadError(path, "is truncated in its header", cure="copy it again")
    return PngHeader(*struct.unpack(">IIBB", head[8:]))


def check_chunks(path: str | Path, data: bytes) -> None:
    """Compare every chunk's checksum; Pillow leaves those of the pixels out.

    A file that ends without IEND, or goes on after it, is only warned of: its pixels can be whole.

    Raises:
        CxrReadError: A chunk is cut off or damaged.
    """
    place = _SIGNATURE_LENGTH
    while place < len(data):
        if place + _FRAME > len(data):
            raise CxrReadError(path, f"is truncated ({len(data)} bytes)", cure="copy it again")
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + _FRAME + length
        if end > len(data):
            what = f"is truncated: {len(data)} bytes, at least {end} are needed"
            raise CxrReadError(path, what, cure="copy it again")
        (stated,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(memoryview(data)[place + 4 : end - 4]) != stated:
            raise CxrReadError(path, f"is damaged (wrong checksum in {kind!r})", cure="copy it again")
        if kind == b"IEND":
            if end < len(data):
                logger.warning("%s: %d bytes after the end of the PNG are ignored.", path, len(data) - end)
            return
        place = end
    logger.warning("%s: has no end mark (IEND); its pixels are read.", path)
