"""Headers of compressed pixel data, checked before a decoder is called.

A stream may declare another size than its file's header: a decoder would allocate memory for it and fail only
later. It may also be crafted so that a parser loops for ever. Both are detected here, in the first bytes.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_SOC_SIZ = b"\xff\x4f\xff\x51"
_JP2 = b"\0\0\0\x0cjP  "
_SOT = 0xFF90
_MOST_BOXES = 64
_MOST_TILE_PARTS = 100_000
_MOST_SEGMENTS = 4096
# Start of frame of JPEG (ITU-T T.81, table B.1) and of JPEG-LS (T.87, C.1.1).
_SOF = frozenset(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC} | {0xFFF7}
_START_OF_SCAN = b"\xff\xda"
MOST_SCANS = 100  # tools that search for the smallest file write some tens
USUAL_SCANS = 10
_HUFFMAN = (0xFFC0, 0xFFC1, 0xFFC2)
_NO_LENGTH = frozenset(range(0xFFD0, 0xFFD9)) | {0xFF01}


class Declared(NamedTuple):
    """Rows, columns and channels declared by a stream, and the marker that begins its frame."""

    rows: int
    columns: int
    channels: int
    kind: int = 0xFF4F


def least_bytes(declared: Declared) -> int:
    """Return the minimum number of bytes under Huffman coding: a bit per 8 x 8 block. 0 for other codings.

    libjpeg fills in grey blocks where a stream ends early but has its end marker.
    """
    if declared.kind not in _HUFFMAN:
        return 0
    return -(-declared.rows // 8) * -(-declared.columns // 8) // 8


def declared_by_jpeg(stream: bytes) -> Declared:
    """Parse the frame header of JPEG, JPEG lossless or JPEG-LS.

    Raises:
        ValueError: The stream is none of them, or ends before the frame header.
    """
    if stream[:2] != b"\xff\xd8":
        raise ValueError("no start of image")
    at = 2
    for _ in range(_MOST_SEGMENTS):
        marker, length = _unpack(">HH", stream, at)
        if marker == 0xFFFF:  # a fill byte
            at += 1
        elif marker in _NO_LENGTH:
            at += 2
        elif marker in _SOF:
            rows, columns, channels = _unpack(">HHB", stream, at + 5)
            return Declared(rows, columns, channels, marker)
        elif marker < 0xFFC0 or length < 2 or marker == 0xFFDA:
            break
        else:
            at += 2 + length
    raise ValueError("no start of frame")


def scans_of_jpeg(stream: bytes) -> int:
    """Count the scans of JPEG. Within the coded data no byte 0xFF is followed by that of a start of scan."""
    return stream.count(_START_OF_SCAN)


def declared_by_jpeg_2000(stream: bytes) -> Declared:
    """Parse the header of JPEG 2000 or HTJ2K (ITU-T T.800, A.5.1), bare or in a JP2 file.

    Raises:
        ValueError: The stream is neither, or ends within its last tile.
    """
    at = _codestream_in_jp2(stream) if stream.startswith(_JP2) else 0
    if stream[at : at + 4] != _SOC_SIZ:
        raise ValueError("no codestream")
    width, height, left, top = _unpack(">4I", stream, at + 8)
    (channels,) = _unpack(">H", stream, at + 40)
    _check_tiles(stream, at + 2)
    return Declared(height - top, width - left, channels)


def _check_tiles(stream: bytes, at: int) -> None:
    """Check the length of each tile part (A.4.2). Decoders may turn a truncated stream into a black image."""
    for _ in range(_MOST_SEGMENTS):
        marker, length = _unpack(">HH", stream, at)
        if marker == _SOT:
            break
        at += 2 + length
    for _ in range(_MOST_TILE_PARTS):
        (marker,) = _unpack(">H", stream, at)
        if marker != _SOT:
            return
        (length,) = _unpack(">I", stream, at + 6)
        if length == 0 or at + length == len(stream):
            return
        at += length
    raise ValueError("too many tiles")


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
