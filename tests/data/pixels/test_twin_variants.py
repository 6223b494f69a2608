"""One image stored in every way that a DICOM file can store it is one image, bit for bit.

All twins are compared with numbers worked out here from the stored values, and so with each other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pixel_makers import BIG, DEFLATED, IMPLICIT, J2K, LITTLE, RLE, compressed, dicom, encode, rle_frame
from pydicom.dataset import Dataset

from cxrtk import CxrReadError, pixels

RNG = np.random.default_rng(0)
DEPTHS = [(8, 8), (8, 7), (8, 6), (16, 8), (16, 9), (16, 10), (16, 12), (16, 14), (16, 15), (16, 16)]


def values_of(bits: int) -> np.ndarray:
    """(16, 24) numbers that span all of `bits`, the ends among them."""
    values = RNG.integers(0, 1 << bits, (16, 24))
    values[0, :2] = 0, (1 << bits) - 1
    return values


def level(values: np.ndarray, bits: int) -> np.ndarray:
    """What the twins must give: the stored number over the declared range."""
    return (values.astype(np.float64) / ((1 << bits) - 1)).astype(np.float32)


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("syntax", [LITTLE, IMPLICIT, BIG, DEFLATED, RLE], ids=lambda uid: uid[-6:])
@pytest.mark.parametrize(("allocated", "stored"), DEPTHS)
def test_every_depth(tmp_path: Path, allocated: int, stored: int, syntax: str, signed: bool) -> None:
    """8 to 16 stored of 8 or 16 allocated bits, two's complement or not, in each lossless syntax."""
    values = values_of(stored)
    codes = (values - (1 << stored - 1)) & ((1 << stored) - 1) if signed else values
    kind = f"{'>' if syntax == BIG else '<'}u{allocated // 8}"
    tags = {"BitsStored": stored, "HighBit": stored - 1, "PixelRepresentation": int(signed)}
    array = codes.astype(f"u{allocated // 8}")
    if syntax == RLE:
        path = dicom(tmp_path / "a.dcm", array, RLE, rle_frame(array), **tags)
    else:
        path = dicom(tmp_path / "a.dcm", array, syntax, PixelData=codes.astype(kind).tobytes(), **tags)
    assert np.array_equal(pixels.read(path).pixels, level(values, stored))


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("junk", [0, 1], ids=["zeros", "ones"])
@pytest.mark.parametrize("high", [11, 12, 13, 15])
def test_bits_that_are_not_stored(tmp_path: Path, high: int, junk: int, signed: bool) -> None:
    """12 bits anywhere in 16; overlays and leavings in the others do not count."""
    values = values_of(12)
    codes = (values - 2048) & 4095 if signed else values
    shift = high - 11
    mask = 4095 << shift
    words = (codes << shift) | (junk * (0xFFFF ^ mask))
    tags = {"BitsStored": 12, "HighBit": high, "PixelRepresentation": int(signed)}
    path = dicom(tmp_path / "a.dcm", words.astype(np.uint16), **tags)
    assert np.array_equal(pixels.read(path).pixels, level(values, 12))


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("bare", [False, True], ids=["JP2", "codestream"])
def test_jpeg_2000_lossless(tmp_path: Path, bits: int, bare: bool) -> None:
    """The same numbers as uncompressed."""
    values = values_of(bits).astype(np.uint8 if bits == 8 else np.uint16)
    stream = encode(values, "JPEG2000", irreversible=False, no_jp2=bare)
    path = dicom(tmp_path / "a.dcm", values, J2K, stream, BitsStored=bits, HighBit=bits - 1)
    assert np.array_equal(pixels.read(path).pixels, level(values, bits))


def test_thirty_two_bits_are_refused_by_their_attribute(tmp_path: Path) -> None:
    """No radiograph has them, and so nothing is guessed."""
    path = dicom(tmp_path / "a.dcm", values_of(16).astype(np.uint32))
    with pytest.raises(CxrReadError, match=r"\(0028,0100\) BitsAllocated = 32"):
        pixels.read(path)


def lut(table: list[int], first: int = 0, bits: int = 12) -> list[Dataset]:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(table), first, bits])
    item.add_new("LUTData", "US", table)
    item.ModalityLUTType = "US"
    return [item]


NEGATED = list(range(4095, -1, -1))
SAME = list(range(4096))
# Name -> the stored numbers made of the plain ones, and the tags that make up for it.
WAYS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], dict[str, Any]]] = {
    "rescale, slope 1": (lambda v: v, {"RescaleSlope": 1, "RescaleIntercept": -1024}),
    "rescale, slope 0.5": (lambda v: v, {"RescaleSlope": 0.5, "RescaleIntercept": 7}),
    "rescale, slope -1": (lambda v: 4095 - v, {"RescaleSlope": -1, "RescaleIntercept": 4095}),
    "modality LUT": (lambda v: 4095 - v, {"ModalityLUTSequence": lut(NEGATED)}),
    "VOI LUT": (lambda v: 4095 - v, {"VOILUTSequence": lut(NEGATED)}),
    "both LUTs": (lambda v: v, {"ModalityLUTSequence": lut(NEGATED), "VOILUTSequence": lut(NEGATED)}),
    "modality LUT, rescale beside it": (
        lambda v: 4095 - v, {"ModalityLUTSequence": lut(NEGATED), "RescaleSlope": 3, "RescaleIntercept": 1},
    ),
    "VOI LUT, window beside it": (
        lambda v: v, {"VOILUTSequence": lut(SAME), "WindowCenter": 100, "WindowWidth": 50},
    ),
    "window of the whole range": (lambda v: v, {"WindowCenter": 2048, "WindowWidth": 4096}),
    "exact window of the whole range": (
        lambda v: v, {"WindowCenter": 2047.5, "WindowWidth": 4095, "VOILUTFunction": "LINEAR_EXACT"},
    ),
    "window in output units": (
        lambda v: v,
        {"RescaleSlope": 2, "RescaleIntercept": 10, "WindowCenter": 4105, "WindowWidth": 8190,
         "VOILUTFunction": "LINEAR_EXACT"},
    ),
    "MONOCHROME1": (lambda v: 4095 - v, {"PhotometricInterpretation": "MONOCHROME1"}),
    "MONOCHROME1, slope -1": (
        lambda v: v,
        {"PhotometricInterpretation": "MONOCHROME1", "RescaleSlope": -1, "RescaleIntercept": 4095},
    ),
    "MONOCHROME1, VOI LUT": (
        lambda v: v, {"PhotometricInterpretation": "MONOCHROME1", "VOILUTSequence": lut(NEGATED)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_say_the_same(tmp_path: Path, way: str) -> None:
    """Modality, VOI and polarity that undo what was done to the stored numbers give the plain image."""
    values = values_of(12)
    change, tags = WAYS[way]
    path = dicom(tmp_path / "a.dcm", change(values).astype(np.uint16), **tags)
    assert np.allclose(pixels.read(path).pixels, level(values, 12), rtol=0, atol=6e-8)


OPTIONAL = ("itk", "gdcm", "SimpleITK", "pylibjpeg", "openjpeg", "libjpeg", "jpeg_ls", "skimage")
CODE = """
import hashlib, json, sys
for name in sys.argv[1].split(",") if sys.argv[1] else []:
    sys.modules[name] = None
from cxrtk import CxrReadError, pixels
found = {}
for path in sys.argv[2:]:
    try:
        image = pixels.read_dicom(path, modalities=None)
        found[path] = [hashlib.sha256(image.pixels.tobytes()).hexdigest(), image.meta["decoder"]]
    except CxrReadError as error:
        found[path] = str(error)
loaded = [name for name in ("itk", "gdcm", "SimpleITK") if sys.modules.get(name)]
print(json.dumps([found, loaded]))
"""


def test_no_pixel_depends_on_what_else_is_installed(tmp_path: Path, cxrtk_data: Path) -> None:
    """With every optional decoder blocked and with all there are: one result, and none by gdcm or itk."""
    ramp = values_of(12).astype(np.uint16)
    grey = values_of(8).astype(np.uint8)
    jpeg = "1.2.840.10008.1.2.4.50"
    files = [
        dicom(tmp_path / "native.dcm", ramp),
        compressed(dicom(tmp_path / "rle.dcm", ramp), RLE),
        dicom(tmp_path / "j2k.dcm", ramp, J2K, encode(ramp, "JPEG2000", irreversible=False)),
        dicom(tmp_path / "jpeg.dcm", grey, jpeg, encode(grey, "JPEG"), BitsStored=8, HighBit=7),
        *sorted((cxrtk_data / "dicom").glob("*.dcm")),
    ]
    results = []
    for blocked in ("", ",".join(OPTIONAL)):
        ended = subprocess.run(
            [sys.executable, "-c", CODE, blocked, *files], capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        results.append(json.loads(ended.stdout))
    (freely, _), (blocked_found, _) = results
    assert freely == blocked_found
    decoders = {entry[1] for entry in freely.values()}
    assert decoders == {"none", "cxrtk", "pillow"} and len(freely) == 9
