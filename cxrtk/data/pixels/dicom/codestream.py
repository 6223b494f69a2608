"""Headers of compressed pixel data, checked before a decoder is called.

A stream may declare another size than its file's header: a decoder would allocate memory for it and fail only
later. It may also be crafted so that a parser loops for ever. Both are detected here, in the first bytes.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from cxrtk.data.pixels.content import LARGE, MOST_RATIO
from cxrtk.errors import CxrReadError

_SOC_SIZ = b"\xff\x4f\xff\x51"
_JP2 = b"\0\0\0\x0cjP  "
_SOT, _SOD = 0xFF90, 0xFF93
_COD, _COC = 0xFF52, 0xFF53
MOST_PRECINCTS = 1 << 16  # of 64 x 64 samples, these are 268 million
_MOST_BOXES = 64
MOST_TILES = 8192  # of 128 x 128 pixels, these are 134 million
_MOST_TILE_PARTS = 100_000
_MOST_SEGMENTS = 4096
# Start of frame of JPEG (ITU-T T.81, table B.1) and of JPEG-LS (T.87, C.1.1).
_SOF = frozenset(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC} | {0xFFF7}
_START_OF_SCAN = b"\xff\xda"
MOST_SCANS = 100  # tools that search for the smallest file write some tens
USUAL_SCANS = 10
_HUFFMAN = (0xFFC0, 0xFFC1, 0xFFC2)
_NO_LENGTH = frozenset(range(0xFFD0, 0xFFD9)) | {0xFF01}


class TooManyParts(ValueError):
    """A stream has more parts than an image needs, and a decoder might spend long on them."""


class Declared(NamedTuple):
    """Rows, columns and channels declared by a stream, the marker that begins its frame, bits of a sample."""

    rows: int
    columns: int
    channels: int
    kind: int = 0xFF4F
    bits: int = 0


def least_bytes(declared: Declared) -> int:
    """Return the minimum number of bytes under Huffman coding: a bit per 8 x 8 block. 0 for other codings.

    libjpeg fills in grey blocks where a stream ends early but has its end marker.
    """
    if declared.kind not in _HUFFMAN:
        return 0
    return -(-declared.rows // 8) * -(-declared.columns // 8) // 8


def declared_by_jpeg(stream: bytes) -> Declared:
    """Parse the frame header of JPEG, JPEG lossless or JPEG-LS; count the segments before the first scan.

    Raises:
        ValueError: The stream is none of them, or ends before the frame header.
        TooManyParts: It has thousands of segments, or of fill bytes, before the first scan.
    """
    if stream[:2] != b"\xff\xd8":
        raise ValueError("no start of image")
    at, declared = 2, None
    for _ in range(_MOST_SEGMENTS):
        if declared is not None and at + 4 > len(stream):
            return declared
        marker, length = _unpack(">HH", stream, at)
        if marker == 0xFFFF:  # a fill byte
            at += 1
        elif marker in _NO_LENGTH:
            at += 2
        elif marker == 0xFFDA or marker < 0xFFC0 or length < 2:
            if declared is not None:
                return declared
            raise ValueError("no start of frame")
        else:
            if marker in _SOF:
                bits, rows, columns, channels = _unpack(">BHHB", stream, at + 4)
                declared = Declared(rows, columns, channels, marker, bits)
            at += 2 + length
    raise TooManyParts("no start of frame and of scan among its first segments")


def check_scans(path: str | Path, declared: Declared, stream: bytes) -> None:
    """Count the scans of a JPEG: a decoder goes over all pixels in each, which may have but a few bytes.

    Within the coded data no byte 0xFF is followed by that of a start of scan.

    Raises:
        CxrReadError: There are more than `MOST_SCANS`, or too many for an image of that size.
    """
    scans = stream.count(_START_OF_SCAN)
    work = declared.rows * declared.columns * scans
    if scans > MOST_SCANS or work > USUAL_SCANS * max(LARGE, MOST_RATIO * len(stream)):
        what = f"has {scans} scans of {declared.columns} x {declared.rows} pixels in {len(stream)} bytes"
        raise CxrReadError(
            path, what, cure="save it again as a plain JPEG, or leave it out", code="too_large"
        )


def declared_by_jpeg_2000(stream: bytes) -> Declared:
    """Parse the header of JPEG 2000 or HTJ2K (ITU-T T.800, A.5.1), bare or in a JP2 file.

    Raises:
        ValueError: The stream is neither, or ends within its last tile.
    """
    at = _codestream_in_jp2(stream) if stream.startswith(_JP2) else 0
    if stream[at : at + 4] != _SOC_SIZ:
        raise ValueError("no codestream")
    width, height, left, top = _unpack(">4I", stream, at + 8)
    tile_width, tile_height, tile_left, tile_top = _unpack(">4I", stream, at + 24)
    channels, depth = _unpack(">HB", stream, at + 40)
    tiles = -(-(width - tile_left) // (tile_width or 1)) * -(-(height - tile_top) // (tile_height or 1))
    if tiles > MOST_TILES:
        raise TooManyParts(f"{tiles} tiles")
    _check_tiles(stream, at + 2, (height - top, width - left))
    return Declared(height - top, width - left, channels, bits=(depth & 0x7F) + 1)


def _check_tiles(stream: bytes, at: int, size: tuple[int, int]) -> None:
    """Check the length of each tile part (A.4.2). Decoders may turn a truncated stream into a black image."""
    at = _check_coding(stream, at, _SOT, size)
    for _ in range(_MOST_TILE_PARTS):
        (marker,) = _unpack(">H", stream, at)
        if marker != _SOT:
            return
        (length,) = _unpack(">I", stream, at + 6)
        if length != 0:
            _check_coding(stream, at + 12, _SOD, size, at + length)
        if length == 0 or at + length == len(stream):
            return
        at += length
    raise TooManyParts("too many tiles")


def _check_coding(stream: bytes, at: int, end: int, size: tuple[int, int], stop: int | None = None) -> int:
    """Count the precincts of a header's coding styles (A.6.1, A.6.2); decoders use memory for each.

    Returns:
        Place of the marker that ends the header, or one beyond `stop`.
    """
    for _ in range(_MOST_SEGMENTS):
        if stop is not None and at + 4 > stop:
            break
        marker, length = _unpack(">HH", stream, at)
        if marker == end:
            break
        if marker in (_COD, _COC):
            style_at = at + 4 + (marker == _COC)
            if _unpack(">B", stream, style_at)[0] & 1:  # precincts of sizes of its own
                levels_at = style_at + 1 + 4 * (marker == _COD)
                _check_precincts(stream[levels_at : at + 2 + length], size)
        at += 2 + length
    return at


def _check_precincts(style: bytes, size: tuple[int, int]) -> None:
    """Count precincts; `style` has the number of levels, four bytes, and a byte of sizes a resolution."""
    levels, count = style[0] if style else 0, 0
    for resolution, sizes in enumerate(style[5 : 6 + levels]):
        height, width = (side >> max(0, levels - resolution) for side in size)
        count += (height >> (sizes >> 4)) * (width >> (sizes & 15))
    if count > MOST_PRECINCTS:
        raise TooManyParts(f"{count} precincts")


def _codestream_in_jp2(stream: bytes) -> int:
    """Return its offset. A box of length zero before it would send some parsers into an endless loop."""
    at = 12
    for _ in range(_MOST_BOXES):
        (length,) = _unpack(">I", stream, at)
        if stream[at + 4 : at + 8] == b"jp2c":
            return at + (16 if length == 1 else 8)
        if length < 8:
            break
        at += length
    raise ValueError("no codestream box")


def _unpack(form: str, stream: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, stream, at)
    except struct.error as error:
        raise ValueError("ends in its header") from error
