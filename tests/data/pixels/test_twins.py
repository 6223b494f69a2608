"""The DICOM files that pydicom ships: what each gives, and the same stored values as an independent decoder.

The other decoder is GDCM (``pip install "cxrtk[twins]"``), which shares no code with pydicom, Pillow or
pylibjpeg. It is compared with, and never read by.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_store
import numpy as np
import pydicom
import pytest

from cxrtk.data.pixels.content import open_regular
from cxrtk.data.pixels.dicom import read_dicom
from cxrtk.data.pixels.dicom.decoding import read_codes
from cxrtk.data.pixels.dicom.header import check_header
from cxrtk.data.pixels.dicom.luts import stored_values
from cxrtk.data.pixels.dicom.parsing import hushed, parse
from cxrtk.errors import READ_CODES, CxrReadError

FOLDERS = [Path(package.__path__[0]) / "data" for package in (pydicom, data_store)]
FILES = [
    path
    for folder in FOLDERS
    for path in sorted(folder.rglob("*"))
    if path.is_file() and not path.name.endswith((".py", ".pyc"))
]
LOSSY = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 81, 91))


def outcome(path: Path) -> str:
    """``pixels``, or the code of the one line that says why not; whatever else happens fails the test."""
    try:
        radiograph = read_dicom(path, modalities=None)
    except CxrReadError as error:
        assert error.cure and "\n" not in str(error) and str(error).startswith(f"{path}: ")
        assert error.code in READ_CODES
        return error.code
    assert radiograph.pixels.ndim == 2
    return "pixels"


@pytest.fixture(scope="module")
def outcomes() -> dict[Path, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none of pydicom's warnings comes through
        return {path: outcome(path) for path in FILES}


def test_no_file_ends_unhandled(outcomes: dict[Path, str]) -> None:
    """All files of both packages: pixels, or one line with a code and a cure."""
    assert len(outcomes) > 250
    assert Counter(outcomes.values())["pixels"] > 70


EXPECTED = {
    "CT_small.dcm": "pixels",
    "MR_small.dcm": "pixels",
    "MR_small_bigendian.dcm": "pixels",
    "MR_small_RLE.dcm": "pixels",
    "MR_small_jp2klossless.dcm": "pixels",
    "image_dfl.dcm": "pixels",
    "MR_truncated.dcm": "truncated",
    "rtplan_truncated.dcm": "truncated",
    "rtplan.dcm": "no_image",
    "test-SR.dcm": "no_image",
    "waveform_ecg.dcm": "no_image",
    "DICOMDIR": "no_image",
    "emri_small.dcm": "multi_frame",
    "rtdose.dcm": "multi_frame",
    "examples_rgb_color.dcm": "colour",
    "OT-PAL-8-face.dcm": "colour",
    "SC_rgb_small_odd.dcm": "too_small",
    "liver_1frame.dcm": "header",
    "README.txt": "not_dicom",
    "zipMR.gz": "not_dicom",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_reason_is_the_right_one(outcomes: dict[Path, str], name: str) -> None:
    """By the names that pydicom gave its files."""
    found = {outcome for path, outcome in outcomes.items() if path.name == name}
    assert found == {EXPECTED[name]}


def stored(path: Path) -> np.ndarray:
    """(H, W) stored values, before any look-up table."""
    with hushed(), open_regular(path) as stream:
        file = parse(stream, path)
        header = check_header(file, None, 10**8, lambda _: None)
        codes, _, header = read_codes(file, header, lambda _: None, {})
        return stored_values(header)[codes]


def by_gdcm(gdcm: Any, path: Path) -> np.ndarray:
    """The same by GDCM: its buffer in the type that it declares, the unused bits cut off."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read(), path
    image = reader.GetImage()
    form = image.GetPixelFormat()
    sign = "i" if form.GetPixelRepresentation() else "u"
    buffer = image.GetBuffer().encode("utf-8", errors="surrogateescape")
    values: Any = np.frombuffer(buffer, f"<{sign}{form.GetBitsAllocated() // 8}")
    samples = form.GetSamplesPerPixel()
    values = values.reshape(image.GetDimension(1), image.GetDimension(0), samples)[..., 0].astype(np.int64)
    used = form.GetBitsStored()
    values = values & ((1 << used) - 1)
    return np.where(values >> (used - 1) & (sign == "i"), values - (1 << used), values)


def test_stored_values_equal_gdcm(
    outcomes: dict[Path, str], require_module: Callable[[str, str], Any]
) -> None:
    """Of every file that gives pixels: bit for bit, and to one level where the compression is lossy."""
    gdcm = require_module("gdcm", "twins")
    wrong, compared = {}, 0
    for path in (path for path, outcome in outcomes.items() if outcome == "pixels"):
        syntax = pydicom.dcmread(path, force=True, stop_before_pixels=True).file_meta.get("TransferSyntaxUID")
        difference = np.abs(stored(path) - by_gdcm(gdcm, path)).max()
        compared += 1
        if difference > (1 if syntax in LOSSY else 0):
            wrong[path.name] = difference
    assert wrong == {}
    assert compared > 70
