"""The catalogue of PNG and JPEG files, row by row: what each is made of, and what must become of it.

The rows have the numbers of the catalogue, so that a gap shows; P05, P10, P16, P20 and P26 were never given.
P24 and P25 are measured too, in test_limits.py.
"""

from __future__ import annotations

import logging
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pixel_makers import GREY, RAMP, adam7, cut, encode, put, raw_png

from cxrtk import CxrReadError, pixels

SMALL = GREY[:8, :8]
DEEP = RAMP * 27
COLOUR = np.dstack([GREY, 255 - GREY, GREY // 2])
PHI = PngInfo()
PHI.add_text("PatientName", "DOE^JOHN")
EXIF = Image.Exif()
EXIF[274] = 6


def as_mode(mode: str) -> bytes:
    return encode(Image.fromarray(GREY).convert(mode))


def damaged() -> bytes:
    content = bytearray(encode(GREY))
    content[content.index(b"IDAT") + 60] ^= 255
    return bytes(content)


# Row -> the file, the pixels that it must give, its flags, and what the log must say.
HANDLED: dict[str, tuple[bytes, np.ndarray, list[str], str]] = {
    "P01 RGBA": (as_mode("RGBA"), GREY / 255, [], ""),
    "P02 RGB, equal channels": (as_mode("RGB"), GREY / 255, [], ""),
    "P04 LA": (as_mode("LA"), GREY / 255, [], ""),
    "P07 16-bit": (encode(DEEP), DEEP / 65535, [], ""),
    "P08 16-bit, 12-bit data": (encode(RAMP), RAMP / 65535, [], ""),
    "P09 interlaced": (raw_png(8, 8, zlib.compress(adam7(SMALL)), interlaced=1), SMALL / 255, [], ""),
    "P11 EXIF rotate 90": (
        encode(GREY, exif=EXIF),
        GREY / 255,
        ["exif_orientation"],
        "EXIF orientation 6 is ignored",
    ),
    "P18 no IEND": (encode(GREY)[:-12], GREY / 255, ["no_end"], "has no end mark"),
    "P27 PHI in tEXt": (encode(GREY, pnginfo=PHI), GREY / 255, [], ""),
    "P28 constant": (encode(np.full((64, 48), 7, np.uint8)), np.full((64, 48), 7 / 255), ["constant"], ""),
    "P30 trailing garbage": (encode(GREY) + b"x" * 999, GREY / 255, ["trailing_bytes"], "999 bytes after"),
}

# Row -> the file, the reason code, and what the line must say.
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "P01 RGBA, clear": (encode(np.dstack([GREY] * 4)), "transparent", "transparent pixels"),
    "P03 real colour": (encode(COLOUR), "colour", "channels differ by up to 255 of 255"),
    "P06 1-bit": (encode(GREY > 99), "one_bit", "1-bit"),
    "P13 TIFF": (encode(GREY, "TIFF"), "format", "is TIFF"),
    "P14 zero bytes": (b"", "empty", "empty file (0 bytes)"),
    "P15 HTML error page": (b"<html>404</html>", "not_image", "starts with <html>"),
    "P17 truncated half": (encode(GREY)[: len(encode(GREY)) // 2], "truncated", "truncated"),
    "P19 flipped byte in IDAT": (damaged(), "damaged", "wrong checksum of b'IDAT'"),
    "P21 0x0": (raw_png(0, 0, zlib.compress(b"")), "too_small", "0 x 0"),
    "P22 1x1": (encode(GREY[:1, :1]), "too_small", "1 x 1"),
    "P23 extreme aspect": (encode(np.zeros((1, 4000), np.uint8)), "too_small", "4000 x 1"),
    "P24 bomb": (raw_png(20_000, 20_000, zlib.compress(bytes(1000))), "too_large", "400.0 million"),
    "P25 big": (raw_png(12_000, 12_000, zlib.compress(bytes(10**6))), "too_large", "144.0 million"),
}


@pytest.mark.parametrize("row", HANDLED)
def test_rows_that_are_read(row: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Exactly the pixels of the plain twin, the flags besides `tiny`, the warning; no text of the file."""
    content, expected, flags, said = HANDLED[row]
    caplog.set_level(logging.DEBUG, "cxrtk")
    radiograph = pixels.read(put(tmp_path / "a.png", content))
    assert np.array_equal(radiograph.pixels, expected.astype(np.float32))
    assert sorted(radiograph.meta["flags"]) == sorted([*flags, "tiny"])
    assert (said in caplog.text) if said else not caplog.records
    assert "DOE" not in repr(radiograph.meta) + caplog.text
    assert radiograph.spacing_mm is None


@pytest.mark.parametrize("row", REFUSED)
def test_rows_that_are_refused(row: str, tmp_path: Path) -> None:
    """One line: file, what is wrong, what to do; and a code that programs can tell apart."""
    content, code, said = REFUSED[row]
    path = put(tmp_path / "a.png", content)
    with pytest.raises(CxrReadError) as caught:
        pixels.read(path)
    assert_one_line(caught.value, path, code, said)


def assert_one_line(error: CxrReadError, path: Path, code: str, said: str) -> None:
    text = str(error)
    assert error.code == code
    assert text.startswith(f"{path}: ") and text.endswith(f"; {error.cure}") and error.cure
    assert said in text and "\n" not in text


def test_p06_a_mask_may_have_one_bit(tmp_path: Path) -> None:
    """Where a mask is asked for, 1-bit is 0 and 1."""
    path = put(tmp_path / "m.png", encode(GREY > 99))
    assert np.array_equal(pixels.read_mask(path), (GREY > 99).astype(np.uint8))


def test_p08_the_range_is_recorded(tmp_path: Path) -> None:
    """The one rule for 16 bits, the declared range, stands in the provenance."""
    meta = pixels.read(put(tmp_path / "a.png", encode(RAMP))).meta
    assert (meta["bits"], meta["range"]) == (16, [0, 65535])


def test_p11_image_and_mask_are_turned_alike(tmp_path: Path) -> None:
    """Neither follows the EXIF orientation, so they stay on top of each other."""
    path = put(tmp_path / "m.png", encode((GREY > 99).astype(np.uint8) * np.uint8(255), exif=EXIF))
    assert np.array_equal(pixels.read_mask(path), (GREY > 99).astype(np.uint8))


def test_p12_jpeg_named_png(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Read by its content as Pillow decodes it, flagged and said to be lossy."""
    path = put(tmp_path / "a.png", encode(GREY, "JPEG"))
    radiograph = pixels.read(path)
    with Image.open(path) as image:
        assert np.array_equal(radiograph.pixels, (np.asarray(image) / 255).astype(np.float32))
    assert (
        radiograph.meta["flags"] == {"lossy": "JPEG", "tiny": "48 x 64 pixels"}
        and "is a JPEG (lossy)" in caplog.text
    )


@pytest.mark.parametrize("row", ["P18 no IEND", "P28 constant", "P30 trailing garbage"])
def test_flags_can_be_refused(row: str, tmp_path: Path) -> None:
    """What is read with a warning, or would teach nothing, is an error for those who want it strict."""
    content, _, flags, _ = HANDLED[row]
    path = put(tmp_path / "a.png", content)
    with pytest.raises(CxrReadError) as caught:
        pixels.read_png(path, refuse=flags)
    assert_one_line(caught.value, path, "flagged", f"flagged {flags[0]}")


FRONTAL = ("jsrt", "openist", "covid_v7", "kermany_v7", "nih", "nih_64px")


def test_p29_negatives_look_inverted(cxrtk_data: Path, tmp_path: Path) -> None:
    """Of every tenth frontal image, at most 1 in 100 is flagged, and at most 1 in 100 negatives is not."""
    images = [path for name in FRONTAL for path in sorted((cxrtk_data / name / "images").iterdir())[::10]]
    flagged = [path for path in images if "looks_inverted" in pixels.read(path).meta["flags"]]
    missed = []
    for path in images:
        with Image.open(path) as image:
            negative = 255 - np.asarray(image.convert("L").resize((128, 128)))
        radiograph = pixels.read(put(tmp_path / "n.png", encode(negative)))
        if "looks_inverted" not in radiograph.meta["flags"]:
            missed.append(path)
        else:
            assert np.array_equal(radiograph.pixels, (negative / 255).astype(np.float32))
    assert len(images) > 100
    assert (len(flagged), len(missed)) <= (1, 1), (flagged, missed)


def test_p29_the_fake_monochrome1_looks_inverted(cxrtk_data: Path) -> None:
    """The DICOM file whose tag was changed by hand is flagged, its true twin is not."""
    files = [
        cxrtk_data / "dicom" / f"rsna_cr_pa_{name}_jpeg.dcm" for name in ("fake_monochrome1", "monochrome2")
    ]
    assert ["looks_inverted" in pixels.read(path).meta["flags"] for path in files] == [True, False]


@pytest.mark.parametrize("size", [len(encode(GREY)) - 13, 60, 45, 33, 20, 9])
def test_p17_cut_anywhere(size: int, tmp_path: Path) -> None:
    """No part of an image is ever made up, wherever the file ends."""
    path = cut(put(tmp_path / "a.png", encode(GREY)), size)
    with pytest.raises(CxrReadError) as caught:
        pixels.read(path)
    assert_one_line(caught.value, path, "truncated", "truncated")
