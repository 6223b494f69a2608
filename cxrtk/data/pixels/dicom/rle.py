"""Decoder of RLE Lossless (PS3.5 annex G): one segment per byte of a sample, each run-length encoded.

pydicom's own decoder unpacks a whole segment before checking its size, to up to 64 times its length. This one
stops when the image is full.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

_HEADER = 64


def decode_rle(frame: bytes, rows: int, columns: int, samples: int, bits: int) -> npt.NDArray[Any]:
    """Decode a frame to (H, W), or (H, W, samples), unsigned 8 or 16 bits.

    Raises:
        ValueError: The segments do not match such an image, or one is too short.
    """
    if len(frame) < _HEADER:
        raise ValueError("no header")
    count, *offsets = struct.unpack_from("<16I", frame)
    wanted = samples * bits // 8
    if count != wanted:
        raise ValueError(f"{count} segments, not {wanted}")
    ends = [*offsets[1:count], len(frame)]
    # Most significant byte first (G.2), sample by sample.
    planes = np.empty((samples, bits // 8, rows * columns), np.uint8)
    for number, (start, end) in enumerate(zip(offsets[:count], ends, strict=True)):
        if not _HEADER <= start <= end <= len(frame):
            raise ValueError("segments out of order")
        planes[divmod(number, bits // 8)] = np.frombuffer(_unpack(frame[start:end], rows * columns), np.uint8)
    image = planes[:, 0] if bits == 8 else planes[:, 0].astype(np.uint16) << 8 | planes[:, 1]
    image = image.reshape(samples, rows, columns)
    return image[0] if samples == 1 else np.moveaxis(image, 0, -1)


def _unpack(segment: bytes, wanted: int) -> bytearray:
    """Unpack a segment (section G.3.2): n < 128 copies n + 1 bytes; n > 128 repeats one 257 - n times."""
    out = bytearray()
    at, end = 0, len(segment)
    while len(out) < wanted and at < end:
        length = segment[at]
        if length < 128:
            out += segment[at + 1 : at + 2 + length]
            at += 2 + length
        else:
            if length > 128:
                out += segment[at + 1 : at + 2] * (257 - length)
            at += 2 if length > 128 else 1
    if len(out) < wanted:
        raise ValueError(f"{len(out)} of {wanted} bytes")
    return out[:wanted]
