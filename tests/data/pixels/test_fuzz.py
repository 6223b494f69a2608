"""Damage of any kind to a file of any format: one line that says so, or an image of the size it declares.

Flipped bytes, cuts, insertions, deletions and copied parts, drawn from a fixed seed, over one small file of
each format and transfer syntax. The checksums of half the PNG files are put right again, so that what they
guard is reached.
"""

from __future__ import annotations

import random
import re
import struct
import time
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from jpeg_ls import encode_array
from pixel_makers import (
    BIG,
    DEFLATED,
    GREY,
    HTJ2K,
    IMPLICIT,
    J2K,
    JPEG,
    JPEG_LS,
    LITTLE,
    LOSSLESS_SV1,
    RAMP,
    RLE,
    adam7,
    compressed,
    dicom,
    encode,
    put,
    raw_png,
)  # fmt: skip
from pydicom.dataset import Dataset

from cxrtk import CxrReadError, pixels
from cxrtk.api import Radiograph
from cxrtk.errors import READ_CODES

FAST, SLOW = 120, 6000
SECONDS = 2.0
ADDRESS = re.compile(r"0x7f[0-9a-f]{8,}")  # of an object in memory
FIRST = 400  # where headers are


def window() -> dict[str, Any]:
    """Tags that make the reader walk all its branches."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [16, 0, 12])
    item.add_new("LUTData", "US", list(range(0, 4096, 256)))
    view = Dataset()
    view.CodeValue = "272479007"
    return {
        "VOILUTSequence": [item],
        "ViewCodeSequence": [view],
        "WindowCenter": [1000, 2000],
        "WindowWidth": [500, 900],
        "RescaleSlope": 1,
        "RescaleIntercept": 0,
        "PixelSpacing": [0.1, 0.1],
        "ImagerPixelSpacing": [0.14, 0.14],
        "PatientOrientation": ["L", "F"],
    }


def raw(path: str | Path) -> Radiograph:
    return pixels.read_raw(path, height=60, width=40, bits=12)


def nifti(path: Path) -> Path:
    nib.save(nib.Nifti1Image(RAMP.T.astype(np.float32), np.diag([-0.2, -0.1, 1, 1])), path)
    return path


Read = Callable[[Path], Any]
PICTURE, MASK = pixels.read, pixels.read_mask
SEEDS: dict[str, tuple[str, Read, Callable[[Path], Path]]] = {
    "PNG, 8 bits": ("png", PICTURE, lambda p: put(p, encode(GREY))),
    "PNG, 16 bits": ("png", PICTURE, lambda p: put(p, encode(RAMP))),
    "PNG, interlaced": (
        "png", PICTURE, lambda p: put(p, raw_png(48, 64, zlib.compress(adam7(GREY)), interlaced=1)),
    ),
    "PNG, palette": ("png", MASK, lambda p: put(p, encode(GREY > 99))),
    "JPEG": ("jpg", PICTURE, lambda p: put(p, encode(GREY, "JPEG"))),
    "JPEG, progressive": ("jpg", PICTURE, lambda p: put(p, encode(GREY, "JPEG", progressive=True))),
    "GIF": ("gif", pixels.read_gif_mask, lambda p: put(p, encode((GREY > 99).astype(np.uint8), "GIF"))),
    "NIfTI": ("nii", PICTURE, nifti),
    "NIfTI, gzip": ("nii.gz", PICTURE, nifti),
    "raw": ("img", raw, lambda p: put(p, RAMP.astype(">u2").tobytes())),
    "DICOM": ("dcm", PICTURE, lambda p: dicom(p, RAMP, LITTLE, **window())),
    "DICOM, implicit": ("dcm", PICTURE, lambda p: dicom(p, RAMP, IMPLICIT, **window())),
    "DICOM, big endian": (
        "dcm", PICTURE, lambda p: dicom(p, RAMP, BIG, PixelData=RAMP.byteswap().tobytes(), **window()),
    ),
    "DICOM, deflated": ("dcm", PICTURE, lambda p: dicom(p, RAMP, DEFLATED)),
    "DICOM, RLE": ("dcm", PICTURE, lambda p: compressed(dicom(p), RLE)),
    "DICOM, JPEG": (
        "dcm", PICTURE, lambda p: dicom(p, GREY, JPEG, encode(GREY, "JPEG"), BitsStored=8, HighBit=7),
    ),
    "DICOM, JPEG 2000": (
        "dcm", PICTURE, lambda p: dicom(p, RAMP, J2K, encode(RAMP, "JPEG2000", irreversible=False)),
    ),
    "DICOM, bare JPEG 2000": (
        "dcm", PICTURE, lambda p: dicom(p, RAMP, J2K, encode(RAMP, "JPEG2000", no_jp2=True)),
    ),
    "DICOM, JPEG lossless": ("dcm", PICTURE, lambda p: dicom(p, RAMP, LOSSLESS_SV1, b"\xff\xd8" * 40)),
    "DICOM, JPEG-LS": ("dcm", PICTURE, lambda p: dicom(p, RAMP, JPEG_LS, bytes(encode_array(RAMP)))),
    "DICOM, HTJ2K": ("dcm", PICTURE, lambda p: dicom(p, RAMP, HTJ2K, bytes(40))),
}  # fmt: skip


def mutant(content: bytes, draw: random.Random) -> bytes:
    """One damaged copy."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        if not data:
            break
        at = draw.randrange(min(FIRST, len(data)) if draw.random() < 0.6 else len(data))
        kind = draw.random()
        if kind < 0.55:
            data[at] = draw.choice([draw.randrange(256), 0, 0xFF, 0x7F, 0x80])
        elif kind < 0.65:
            size = draw.choice([2, 4])
            data[at : at + size] = draw.choice([b"\0", b"\xff", b"\x7f"]) * size
        elif kind < 0.75:
            data[at:at] = draw.randbytes(draw.randint(1, 16))
        elif kind < 0.85:
            del data[at : at + draw.randint(1, 16)]
        elif kind < 0.95:
            other = draw.randrange(len(data))
            data[at:at] = data[other : other + draw.randint(1, 64)]
        else:
            del data[max(at, 1) :]
    return bytes(data)


def with_checksums(data: bytes) -> bytes:
    """A PNG whose checksums are right, as far as its chunks can be followed."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        (length,) = struct.unpack_from(">I", out, at)
        end = at + 8 + length
        if end + 4 > len(out):
            break
        struct.pack_into(">I", out, end, zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)


def declared(data: bytes, found: Any) -> tuple[int, int] | None:
    """(H, W) that the file's own header says, where it is easily found."""
    meta = getattr(found, "meta", {})
    if "Rows" in meta:
        return meta["Rows"], meta["Columns"]
    if data[:4] == b"\x89PNG":
        width, height = struct.unpack_from(">II", data, 16)
        return height, width
    return None


def require_handled(read: Read, path: Path, data: bytes) -> str:
    """Read it, and return ``pixels`` or the reason code; anything else fails the test."""
    path.write_bytes(data)
    began = time.process_time()
    try:
        found = read(path)
    except CxrReadError as error:
        text = str(error)
        assert error.code in READ_CODES and error.cure, text
        assert text.startswith(f"{path}: ") and text.isprintable() and not ADDRESS.search(text), text
        return error.code
    finally:
        assert time.process_time() - began < SECONDS
    values = getattr(found, "pixels", found)
    assert values.ndim == 2 and values.shape == (declared(data, found) or values.shape)
    assert np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1
    assert values.dtype in (np.float32, np.uint8)
    return "pixels"


def fuzz(name: str, folder: Path, count: int, seed: int) -> set[str]:
    suffix, read, make = SEEDS[name]
    content = make(folder / f"seed.{suffix}").read_bytes()
    draw = random.Random(f"{name} {seed}")
    outcomes = set()
    for number in range(count):
        data = mutant(content, draw)
        if suffix == "png" and draw.random() < 0.5:
            data = with_checksums(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                outcomes.add(require_handled(read, folder / f"a.{suffix}", data))
        except BaseException:
            print(f"{name}, seed {seed}, number {number}: {folder / f'a.{suffix}'}")
            raise
    return outcomes


@pytest.mark.parametrize("name", SEEDS)
def test_damage_ends_in_one_line_or_in_pixels(name: str, tmp_path: Path) -> None:
    """A hundred and twenty files of each kind."""
    outcomes = fuzz(name, tmp_path, FAST, 0)
    assert len(outcomes) > 1  # what was changed matters


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_much_damage_ends_in_one_line_or_in_pixels(name: str, tmp_path: Path) -> None:
    """Thousands of files of each kind."""
    fuzz(name, tmp_path, SLOW, 1)
