"""The catalogue of DICOM files: the rows that are refused, each in one line and with a code."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pixel_makers import (
    DEFLATED,
    GREY,
    HTJ2K,
    J2K,
    JPEG12,
    JPEG_LS,
    LOSSLESS_SV1,
    MPEG2,
    RAMP,
    RLE,
    cut,
    dicom,
    encode,
    put,
)  # fmt: skip
from pydicom.pixels import get_decoder

from cxrtk import CxrReadError, pixels, readers

Maker = Callable[[Path], Path]


def made(*arguments: Any, **tags: Any) -> Maker:
    return lambda path: dicom(path, *arguments, **tags)


def deflated_bomb(path: Path) -> Path:
    return dicom(path, np.zeros((1000, 1000), np.uint8), DEFLATED, Rows=10_000, Columns=10_000)


SR = "1.2.840.10008.5.1.4.1.1.88.11"
CT = "1.2.840.10008.5.1.4.1.1.2"
NAMES = {
    "photometric": "(0028,0004) PhotometricInterpretation",
    "rows": "(0028,0010) Rows",
    "pixels": "(7FE0,0010) PixelData",
    "frames": "(0028,0008) NumberOfFrames",
    "syntax": "(0002,0010) TransferSyntaxUID",
}


JUNK = b"\xff\xd8" * 40


# Row -> the maker, the reason code, the attribute that the line must name, and what else it must say.
REFUSED: dict[str, tuple[Maker, str, str, str]] = {
    "D04 photometric missing": (
        made(PhotometricInterpretation=None), "header", NAMES["photometric"], "is missing",
    ),
    "D05 photometric unknown": (
        made(PhotometricInterpretation="FOO"), "header", NAMES["photometric"] + " = (free text)", "unknown",
    ),
    "D06 palette": (
        made(PhotometricInterpretation="PALETTE COLOR"), "colour", NAMES["photometric"], "in colour",
    ),
    "D23 BitsStored 17": (made(BitsStored=17), "header", "(0028,0101) BitsStored = 17", "1 to 16"),
    "D24 Rows 0": (made(Rows=0), "header", NAMES["rows"] + " = 0", "must be"),
    "D25 Rows missing": (made(Rows=None), "header", NAMES["rows"], "is missing"),
    "D27 PixelData missing": (made(PixelData=None), "no_image", NAMES["pixels"], "holds no image"),
    "D28 PixelData empty": (made(PixelData=b""), "no_image", NAMES["pixels"], "holds no image"),
    "D29 PixelData short": (
        made(PixelData=bytes(100)), "truncated", NAMES["pixels"], "100 of 4800 pixel bytes",
    ),
    "D30 a frame too long": (
        made(PixelData=RAMP.tobytes() * 2), "multi_frame", NAMES["pixels"], "more frames than declared",
    ),
    "D31 cut in half": (lambda path: cut(dicom(path)), "truncated", NAMES["pixels"], "truncated"),
    "D32 cut in the header": (lambda path: cut(dicom(path), 300), "truncated", "", "truncated header"),
    "D33 zero bytes": (lambda path: put(path, b""), "empty", "", "empty file (0 bytes)"),
    "D34 text": (lambda path: put(path, b"hello" * 100), "not_dicom", "", "not a DICOM file"),
    "D37 multi-frame": (
        made(np.zeros((5, 60, 40), np.uint16)), "multi_frame", NAMES["frames"] + " = 5", "5 frames",
    ),
    "D39 RGB": (
        made(np.dstack([GREY, 255 - GREY, GREY])), "colour", NAMES["photometric"] + " = RGB", "in colour",
    ),
    "D42 JPEG 12-bit": (made(RAMP, JPEG12, JUNK), "no_decoder", NAMES["syntax"], "pylibjpeg"),
    "D43 JPEG lossless": (made(RAMP, LOSSLESS_SV1, JUNK), "no_decoder", NAMES["syntax"], "pylibjpeg"),
    "D44 JPEG-LS": (made(RAMP, JPEG_LS, JUNK), "no_decoder", NAMES["syntax"], "pyjpegls"),
    "D46 JPEG 2000 cut": (
        made(RAMP, J2K, encode(RAMP, "JPEG2000")[:156]), "damaged", NAMES["pixels"], "cannot be decoded",
    ),
    "D47 HTJ2K": (made(RAMP, HTJ2K, bytes(40)), "no_decoder", NAMES["syntax"], "pylibjpeg-openjpeg"),
    "D49 RLE junk": (
        made(RAMP, RLE, b"\0\1\2\3" * 20), "damaged", NAMES["pixels"], "RLE Lossless",
    ),
    "D50 MPEG2": (made(RAMP, MPEG2, bytes(40)), "video", NAMES["syntax"], "is a video"),
    "D52 deflated bomb": (deflated_bomb, "too_large", "", "10000 x 10000"),
    "D55 SR": (
        made(SOPClassUID=SR, Modality="SR", PixelData=None), "no_image", NAMES["pixels"], "Modality SR",
    ),
    "D56 CT": (made(SOPClassUID=CT, Modality="CT"), "modality", "(0008,0060) Modality = CT", "CR, DX"),
}  # fmt: skip


@pytest.fixture
def no_extra_decoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where ``cxrtk[jpeg]`` is not installed, and gdcm is."""
    for syntax in (JPEG12, LOSSLESS_SV1, JPEG_LS, HTJ2K):
        decoder = get_decoder(syntax)
        kept = {name: decode for name, decode in decoder._available.items() if name in ("pillow", "gdcm")}
        needs = {
            name: import_module(f"pydicom.pixels.decoders.{name}").DECODER_DEPENDENCIES[syntax]
            for name in decoder._available.keys() - kept.keys()
        }
        monkeypatch.setattr(decoder, "_available", kept)
        monkeypatch.setattr(decoder, "_unavailable", {**decoder._unavailable, **needs})


@pytest.mark.usefixtures("no_extra_decoders")
@pytest.mark.parametrize("row", REFUSED)
def test_rows_that_are_refused(row: str, tmp_path: Path) -> None:
    """One line: file, what is wrong, the attribute, what to do; and a code; nothing of the patient."""
    maker, code, attribute, said = REFUSED[row]
    path = maker(tmp_path / "a.dcm")
    with pytest.raises(CxrReadError) as caught:
        pixels.read_dicom(path)
    error, text = caught.value, str(caught.value)
    assert error.code == code, text
    assert text.startswith(f"{path}: ") and text.endswith(f"; {error.cure}") and "\n" not in text
    assert error.tag == attribute or (error.tag or "").startswith(f"{attribute} = ") or attribute in text
    assert said in text and "DOE" not in text and "MRN" not in text
    if code == "no_decoder":
        assert error.cure == 'pip install "cxrtk[jpeg]"'


@pytest.mark.usefixtures("no_extra_decoders")
def test_in_a_batch_they_are_left_out_and_counted(tmp_path: Path) -> None:
    """All the rows in one folder: the reader lists what may be an image, and reads no refused one."""
    folder = tmp_path / "in"
    folder.mkdir()
    for row, (maker, _, _, _) in REFUSED.items():
        maker(folder / f"{row}.dcm")
    dicom(folder / "good.dcm")
    reader = readers.create("dicom", root=str(folder))
    outcomes = {}
    for item in reader.items():
        try:
            reader.read(item["image"])
            outcomes[Path(item["image"]).stem] = "pixels"
        except CxrReadError as error:
            outcomes[Path(item["image"]).stem] = error.code
    assert {row: code for row, code in outcomes.items() if code == "pixels"} == {"good": "pixels"}
    assert outcomes == {"good": "pixels"} | {row: REFUSED[row][1] for row in outcomes if row != "good"}
    never_listed = {row[:3] for row in REFUSED} - {row[:3] for row in outcomes}
    assert never_listed == {"D25", "D32", "D33", "D34", "D55", "D56"}


def test_d46_cut_anywhere(tmp_path: Path) -> None:
    """A JPEG 2000 stream that ends early never gives an image whose lower part is made up."""
    content = encode(RAMP, "JPEG2000", irreversible=False)
    for size in range(2, len(content) - 2, 6):
        path = dicom(tmp_path / "a.dcm", RAMP, J2K, content[:size])
        with pytest.raises(CxrReadError):
            pixels.read(path)


def test_d52_a_bomb_in_the_header(tmp_path: Path) -> None:
    """A deflated header that does not end within 16 MiB is refused as well."""
    path = dicom(tmp_path / "a.dcm", RAMP, DEFLATED)
    content = path.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")  # behind the file meta group
    header = zlib.decompress(content[start:], -zlib.MAX_WBITS)
    blob = struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 50_000_000) + bytes(50_000_000)
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    put(path, content[:start] + pack.compress(blob + header) + pack.flush())
    with pytest.raises(CxrReadError) as caught:
        pixels.read(path)
    assert caught.value.code in ("truncated", "too_large")
