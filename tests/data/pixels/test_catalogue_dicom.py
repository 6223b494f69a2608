"""The catalogue of DICOM files, row by row: what each is made of, and what must become of it.

The rows have the numbers of the catalogue, so that a gap shows; D13, D20, D22, D26, D36, D40, D51 and D59
were never given. Refused rows are in test_catalogue_dicom_refused.py; D52 is measured in test_limits.py too;
the decoders of D42 to D47 are in test_extra_decoders.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pixel_makers import (
    BIG,
    GREY,
    J2K,
    JPEG,
    RAMP,
    RLE,
    compressed,
    dicom,
    encode,
    put,
)  # fmt: skip

from cxrtk import CxrReadError, pixels

Maker = Callable[[Path], Path]
PLAIN = (RAMP / 4095).astype(np.float32)
SIGMOID = 1 / (1 + np.exp(-4 * (RAMP - 1000.0) / 500))
LINEAR = ((RAMP - 999.5) / 499 + 0.5).clip(0, 1)
SIGNED = RAMP.astype(np.int16) - np.int16(1200)


def made(*arguments: Any, **tags: Any) -> Maker:
    return lambda path: dicom(path, *arguments, **tags)


def without_preamble(path: Path) -> Path:
    return put(path, dicom(path).read_bytes()[132:])


def elf(path: Path) -> Path:
    return put(path, b"\x7fELF" + dicom(path).read_bytes()[4:])


def j2k(image: np.ndarray, **options: Any) -> Maker:
    return made(image, J2K, encode(image, "JPEG2000", irreversible=False), **options)


# Row -> the maker, the pixels that it must give, its flags, and words of its one warning ("" for none).
HANDLED: dict[str, tuple[Maker, np.ndarray, list[str], str]] = {
    "D01 MONOCHROME1": (
        made(4095 - RAMP, PhotometricInterpretation="MONOCHROME1"), PLAIN, [], "",
    ),
    "D02 INVERSE on MONOCHROME2": (
        made(PresentationLUTShape="INVERSE"), PLAIN, ["polarity_contradiction"],
        "(2050,0020) PresentationLUTShape = INVERSE contradicts MONOCHROME2",
    ),
    "D02 INVERSE on MONOCHROME1": (
        made(4095 - RAMP, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE"),
        PLAIN, [], "",
    ),
    "D03 lower case": (
        made(4095 - RAMP, PhotometricInterpretation="monochrome1"), PLAIN, [], "",
    ),
    "D12 window list": (
        made(WindowCenter=[1000, 2000], WindowWidth=[500, 900]), LINEAR, [], "",
    ),
    "D14 WindowWidth 0": (
        made(WindowCenter=1000, WindowWidth=0), PLAIN, [], "(0028,1051) WindowWidth",
    ),
    "D14 WindowWidth -5": (
        made(WindowCenter=1000, WindowWidth=-5), PLAIN, [], "(0028,1051) WindowWidth",
    ),
    "D15 window empty": (
        made(WindowCenter="", WindowWidth=""), PLAIN, [], "(0028,1050) WindowCenter",
    ),
    "D16 SIGMOID": (
        made(WindowCenter=1000, WindowWidth=500, VOILUTFunction="SIGMOID"), SIGMOID, [], "",
    ),
    "D17 unknown function": (
        made(WindowCenter=1000, WindowWidth=500, VOILUTFunction="FOO"), PLAIN, [],
        "(0028,1056) VOILUTFunction = (free text)",
    ),
    "D18 junk above HighBit": (made(RAMP | 0xF000), PLAIN, [], ""),
    "D19 signed 16": (
        made(SIGNED, BitsStored=16, HighBit=15), (SIGNED + 32768.0) / 65535, [], "",
    ),
    "D21 RescaleSlope -1": (
        made(4095 - RAMP, RescaleSlope=-1, RescaleIntercept=4095), PLAIN, [], "",
    ),
    "D21 with MONOCHROME1": (
        made(RAMP, RescaleSlope=-1, RescaleIntercept=4095, PhotometricInterpretation="MONOCHROME1"),
        PLAIN, [], "",
    ),
    "D30 padding": (
        made(PixelData=RAMP.tobytes() + bytes(200)), PLAIN, [],
        "(7FE0,0010) PixelData has 200 bytes of padding",
    ),
    "D35 no preamble": (without_preamble, PLAIN, [], ""),
    "D38 one frame": (made(NumberOfFrames=1), PLAIN, [], ""),
    "D39 RGB, equal channels": (made(np.dstack([GREY] * 3)), GREY / 255, [], ""),
    "D45 JPEG 2000": (j2k(RAMP), PLAIN, [], ""),
    "D48 RLE": (lambda path: compressed(dicom(path), RLE), PLAIN, [], ""),
    "D53 big endian": (made(RAMP, BIG, PixelData=RAMP.byteswap().tobytes()), PLAIN, [], ""),
    "D54 unknown charset": (made(SpecificCharacterSet="ISO_IR 999"), PLAIN, [], ""),
    "D57 lateral": (made(ViewPosition="LL"), PLAIN, ["lateral"], ""),
    "D58 FOR PROCESSING": (
        made(PresentationIntentType="FOR PROCESSING"), PLAIN, ["for_processing"], "",
    ),
    "D60 path in a UID": (made(SOPInstanceUID="../../x"), PLAIN, [], ""),
    "D61 burned-in text": (made(BurnedInAnnotation="YES"), PLAIN, ["burned_in"], ""),
    "D62 CR without position": (
        made(SOPClassUID="1.2.840.10008.5.1.4.1.1.1", Modality="CR"), PLAIN, [], "",
    ),
    "D63 ELF in the preamble": (elf, PLAIN, [], ""),
    "D64 non-ASCII name": (made(PatientName="Ä^Ö"), PLAIN, [], ""),
}  # fmt: skip


@pytest.mark.parametrize("row", HANDLED)
def test_rows_that_are_read(row: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The pixels of the plain twin, flags besides `tiny`, at most the one warning; nothing of the patient."""
    maker, expected, flags, said = HANDLED[row]
    path = maker(tmp_path / "a.dcm")
    caplog.clear()
    caplog.set_level(0, "cxrtk")
    radiograph = pixels.read(path)
    assert radiograph.pixels.dtype == np.float32
    assert np.allclose(radiograph.pixels, expected, rtol=0, atol=1e-7)
    assert sorted(radiograph.meta["flags"]) == sorted([*flags, "tiny"])
    mine = [text for text in radiograph.meta["warnings"] if not text.startswith("pydicom gave")]
    assert [said in text for text in mine] == ([True] if said else [])
    for text in (repr(radiograph.meta), caplog.text):
        assert not any(word in text for word in ("DOE", "MRN123", "Ä", "../", "ELF"))


TWINS = ("D01", "D03", "D18", "D21", "D30", "D35", "D45", "D48", "D53")


@pytest.mark.parametrize("row", [name for name in HANDLED if name.startswith(TWINS)])
def test_twins_are_bit_for_bit_the_plain_file(row: str, tmp_path: Path) -> None:
    """The same tensor, not a close one."""
    plain = pixels.read(dicom(tmp_path / "plain.dcm")).pixels
    assert np.array_equal(pixels.read(HANDLED[row][0](tmp_path / "a.dcm")).pixels, plain)


def test_d41_jpeg_baseline(tmp_path: Path) -> None:
    """What Pillow decodes, and a flag that it is lossy."""
    content = encode(GREY, "JPEG")
    radiograph = pixels.read(dicom(tmp_path / "a.dcm", GREY, JPEG, content, BitsStored=8, HighBit=7))
    by_pillow = pixels.read(put(tmp_path / "a.jpg", content))
    assert np.array_equal(radiograph.pixels, by_pillow.pixels)
    assert "lossy" in radiograph.meta["flags"]


# Row -> tags, spacing in mm, its source, and words of the one warning.
SPACINGS: dict[str, tuple[dict[str, Any], tuple[float, float] | None, str | None, str]] = {
    "D07 only ImagerPixelSpacing": ({"ImagerPixelSpacing": [0.14, 0.2]}, (0.14, 0.2), "detector", ""),
    "D08 both, different": (
        {"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.14, 0.14]}, (0.1, 0.1), "calibrated", "",
    ),
    "D09 none": ({}, None, None, ""),
    "D10 zero": ({"ImagerPixelSpacing": [0, 0]}, None, None, "(0018,1164) ImagerPixelSpacing"),
    "D11 negative": ({"PixelSpacing": [-0.1, 0.1]}, None, None, "(0028,0030) PixelSpacing"),
    "D11 one value": ({"PixelSpacing": 0.1}, None, None, "(0028,0030) PixelSpacing"),
}  # fmt: skip


@pytest.mark.parametrize("row", SPACINGS)
def test_rows_of_spacing(row: str, tmp_path: Path) -> None:
    """(row, column) in mm with its source, or none at all; never 1.0; both of two are recorded."""
    tags, expected, source, said = SPACINGS[row]
    radiograph = pixels.read(dicom(tmp_path / "a.dcm", **tags))
    assert (radiograph.spacing_mm, radiograph.spacing_source) == (expected, source)
    assert [said in text for text in radiograph.meta["warnings"]] == ([True] if said else [])
    if expected:
        assert {name: radiograph.meta[name] for name in tags} == tags


@pytest.mark.parametrize("row", ["D57 lateral", "D58 FOR PROCESSING", "D61 burned-in text"])
def test_flags_can_be_refused(row: str, tmp_path: Path) -> None:
    """For those who want frontal images only, no raw ones, or no burned-in text."""
    maker, _, flags, _ = HANDLED[row]
    with pytest.raises(CxrReadError) as caught:
        pixels.read_dicom(maker(tmp_path / "a.dcm"), refuse=flags)
    assert caught.value.code == "flagged" and caught.value.tag


def test_d39_the_makers_flat_image_is_grey(tmp_path: Path) -> None:
    """Equal channels in a secondary capture are one image, not a volume."""
    radiograph = pixels.read(dicom(tmp_path / "a.dcm", np.full((60, 40, 3), 7, np.uint8)))
    assert radiograph.pixels.shape == (60, 40) and np.allclose(radiograph.pixels, 7 / 255)


def test_d56_other_modalities_on_request(tmp_path: Path) -> None:
    """The way out of the refusal."""
    path = dicom(tmp_path / "a.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.2", Modality="CT")
    assert np.array_equal(pixels.read_dicom(path, modalities=None).pixels, PLAIN)
