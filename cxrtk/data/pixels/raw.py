"""Headerless sample files; the caller must state their format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxrtk.api import Radiograph
from cxrtk.data.pixels.content import open_regular
from cxrtk.data.pixels.picture_flags import picture_flags
from cxrtk.errors import CxrReadError


def read_raw(
    path: str | Path,
    *,
    height: int,
    width: int,
    bits: int,
    big_endian: bool = True,
    inverted: bool = False,
) -> Radiograph:
    """Read rows of unsigned 16-bit samples with `bits` used bits, such as the files of JSRT.

    Args:
        path: Path of the file; it must hold exactly `height` x `width` x 2 bytes.
        height: Number of rows.
        width: Number of samples per row.
        bits: Number of used bits, at most 16; the declared range is 0 to 2**bits - 1.
        big_endian: True if the upper byte comes first.
        inverted: True if large samples are dark, like optical densities of a film.

    Returns:
        Pixels divided by 2**bits - 1, and inverted where `inverted`; no spacing.

    Raises:
        CxrReadError: The file has another size, or a sample is out of range, as with a wrong byte order.
    """
    wanted = height * width * 2
    with open_regular(path) as file:
        data = file.read(wanted + 1)
        size = len(data) if len(data) <= wanted else file.seek(0, 2)
    if size != wanted:
        what = f"has {size} bytes where {width} x {height} samples of 16 bits are {wanted}"
        code = "truncated" if size < wanted else "damaged"
        raise CxrReadError(path, what, cure="copy it again; it is no such raw image else", code=code)
    samples = np.frombuffer(data, ">u2" if big_endian else "<u2").reshape(height, width)
    full = 2**bits - 1
    if samples.max() > full:
        what = f"holds samples up to {samples.max()}, above the {full} of {bits} bits"
        cure = f"check that its byte order is {'big' if big_endian else 'little'}-endian"
        raise CxrReadError(path, what, cure=cure, code="values")
    pixels = np.divide(full - samples if inverted else samples, full, dtype=np.float32)
    meta = {"format": "raw", "bits": bits, "range": [0, full], "flags": picture_flags(pixels)}
    return Radiograph(pixels, meta=meta | {"polarity": "inverted" if inverted else "as stored"})
