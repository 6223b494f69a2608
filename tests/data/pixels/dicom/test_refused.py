"""Files that are not one grey CR or DX image: one line each, with what is wrong and what to do."""

from __future__ import annotations

import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels import get_decoder

from cxrtk.data.pixels.dicom import is_dicom, read_dicom
from cxrtk.errors import CxrReadError

Write = Callable[..., Path]
RAMP = np.arange(60 * 40, dtype=np.uint16).reshape(60, 40)
GREY8 = np.arange(64 * 48, dtype=np.uint32).reshape(64, 48).astype(np.uint8)
JPEG12, LOSSLESS, JPEG_LS = (f"1.2.840.10008.1.2.4.{n}" for n in (51, 70, 80))
J2K, MPEG, HTJ2K = (f"1.2.840.10008.1.2.4.{n}" for n in (90, 100, 201))
JPIP, RLE, DEFLATED = "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1.99"


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _cut(path: Path, size: int | None = None) -> Path:
    content = path.read_bytes()
    return _bytes(path, content[: len(content) // 2 if size is None else size])


CASES: dict[str, tuple[Callable[[Write, Callable[..., bytes]], Path], tuple[str, ...]]] = {
    "empty file": (lambda w, e: _bytes(w(), b""), ("empty file (0 bytes)",)),
    "text": (lambda w, e: _bytes(w(), b"hello" * 100), ("is not a DICOM file",)),
    "cut in the file meta": (lambda w, e: _cut(w(), 200), ("truncated header",)),
    "cut in the header": (
        lambda w, e: _cut(w(), w().read_bytes().index(b"^JOHN")),
        ("truncated header", "copy the file again"),
    ),
    "cut in the pixels": (lambda w, e: _cut(w(), -2773), ("2027 of 4800 pixel bytes", "(7FE0,0010)")),
    "short pixels": (lambda w, e: w(PixelData=b"\0" * 100), ("100 of 4800 pixel bytes", "(7FE0,0010)")),
    "empty pixels": (lambda w, e: w(PixelData=b""), ("0 of 4800 pixel bytes", "(7FE0,0010)")),
    "two frames undeclared": (lambda w, e: w(PixelData=RAMP.tobytes() * 2), ("more frames", "(0028,0008)")),
    "pixels of no known VR": (
        lambda w, e: _bytes(w(), w().read_bytes().replace(b"\xe0\x7f\x10\x00OW", b"\xe0\x7f\x10\x00OX")),
        ("pixel data cannot be decoded", "(7FE0,0010)", "copy it again"),
    ),
    "no PixelData": (lambda w, e: w(PixelData=None), ("holds no image", "(7FE0,0010) PixelData")),
    "no Rows": (lambda w, e: w(Rows=None), ("(0028,0010) Rows", "missing")),
    "Rows 0": (lambda w, e: w(Rows=0), ("(0028,0010) Rows = 0",)),
    "no PhotometricInterpretation": (
        lambda w, e: w(PhotometricInterpretation=None),
        ("(0028,0004) PhotometricInterpretation", "missing"),
    ),
    "unknown photometric": (
        lambda w, e: w(PhotometricInterpretation="FOO"),
        ("(0028,0004) PhotometricInterpretation = (free text)", "unknown"),
    ),
    "palette": (
        lambda w, e: w(PhotometricInterpretation="PALETTE COLOR"),
        ("in colour", "(0028,0004) PhotometricInterpretation = PALETTE COLOR"),
    ),
    "true colour": (lambda w, e: w(np.dstack([GREY8, 255 - GREY8, GREY8])), ("in colour", "(0028,0004)")),
    "SamplesPerPixel": (lambda w, e: w(SamplesPerPixel=3), ("(0028,0002) SamplesPerPixel = 3",)),
    "BitsStored 17": (lambda w, e: w(BitsStored=17), ("(0028,0101) BitsStored = 17", "1 to 16")),
    "BitsAllocated 12": (lambda w, e: w(BitsAllocated=12), ("(0028,0100) BitsAllocated = 12",)),
    "no PixelRepresentation": (lambda w, e: w(PixelRepresentation=None), ("(0028,0103)", "missing")),
    "five frames": (
        lambda w, e: w(np.zeros((5, 60, 40), np.uint16)),
        ("5 frames", "(0028,0008) NumberOfFrames = 5"),
    ),
    "tiny": (lambda w, e: w(RAMP[:4]), ("40 x 4 pixels",)),
    "too large": (lambda w, e: w(Rows=30000, Columns=30000), ("30000 x 30000", "900.0 million")),
    "SR": (
        lambda w, e: w(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", PixelData=None),
        ("holds no image (Modality SR)",),
    ),
    "CT": (lambda w, e: w(Modality="CT"), ("(0008,0060) Modality = CT", "CR, DX", "modalities=None")),
    "video": (lambda w, e: w(syntax=MPEG, encoded=b"\0" * 40), ("is a video", f"TransferSyntaxUID = {MPEG}")),
    "JPIP": (lambda w, e: w(syntax=JPIP, encoded=b"\0" * 40), ("no decoder", JPIP)),
    "slope 0": (lambda w, e: w(RescaleSlope=0, RescaleIntercept=0), ("(0028,1053) RescaleSlope = 0",)),
    "slope text": (
        lambda w, e: _bytes(
            path := w(RescaleSlope=1.5, RescaleIntercept=0), path.read_bytes().replace(b"1.5 ", b"abc ")
        ),
        ("(0028,1053) RescaleSlope is not a number",),
    ),
    "J2K cut": (
        lambda w, e: w(syntax=J2K, encoded=e(RAMP, "JPEG2000")[:156]),
        ("JPEG 2000", "copy it again"),
    ),
    "J2K without its end": (
        lambda w, e: _cut(w(syntax=J2K, encoded=e(RAMP, "JPEG2000")), -300),
        ("truncated", "(7FE0,0010)"),
    ),
    "J2K of another size": (
        lambda w, e: w(syntax=J2K, encoded=e(RAMP[:30], "JPEG2000")),
        ("cannot be decoded", "(7FE0,0010)"),
    ),
    "RLE junk": (lambda w, e: w(syntax=RLE, encoded=b"\0\1\2\3" * 20), ("RLE Lossless", "cannot be decoded")),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_files_are_named(write: Write, encode: Callable[..., bytes], case: str) -> None:
    """One line with the path, what is wrong, the attribute, and what to do."""
    make, expected = CASES[case]
    path = make(write, encode)
    with pytest.raises(CxrReadError) as caught:
        read_dicom(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message and "DOE" not in message and "MRN123" not in message
    assert [part for part in expected if part not in message] == [], message
    assert caught.value.cure


@pytest.mark.parametrize("syntax", [JPEG12, LOSSLESS, JPEG_LS, HTJ2K])
def test_a_missing_decoder_is_named(write: Write, syntax: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The syntax and the extra that brings its decoder; Pillow's 8-bit half of JPEG Extended is none."""
    decoder = get_decoder(syntax)
    monkeypatch.setattr(
        decoder, "_available", {name: f for name, f in decoder._available.items() if name == "pillow"}
    )
    with pytest.raises(CxrReadError) as caught:
        read_dicom(write(syntax=syntax, encoded=b"\xff\xd8" * 40))
    assert f"(0002,0010) TransferSyntaxUID = {syntax}" in str(caught.value)
    assert caught.value.cure == 'pip install "cxrtk[jpeg]"'


def test_a_deflated_bomb_is_not_inflated(write: Write) -> None:
    """Of 100 MB of zeros in 100 kB no more is inflated than a header may take."""
    path = write(syntax=DEFLATED, PixelData=b"", Rows=10_000, Columns=10_000)
    content = path.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")  # behind the file meta group
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    header = zlib.decompress(content[start:], -zlib.MAX_WBITS)
    packed = (
        pack.compress(header[:-4] + (100_000_000).to_bytes(4, "little") + bytes(100_000_000)) + pack.flush()
    )
    path.write_bytes(content[:start] + packed)
    tracemalloc.start()
    with pytest.raises(CxrReadError, match="10000 x 10000"):
        read_dicom(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000


@pytest.mark.parametrize("kind", ["fifo", "folder", "missing", "broken link", "link to itself"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """A FIFO without a writer does not block."""
    path = tmp_path / "thing.dcm"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.symlink_to(tmp_path / "nowhere" if kind == "broken link" else path)
    with pytest.raises(CxrReadError, match=r"thing\.dcm"):
        read_dicom(path)


def test_pydicom_keeps_its_texts(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    """A decoder that fails prints no traceback to the log, and pydicom's own log level is as before."""
    path = write(syntax=RLE, encoded=b"\0\1\2\3" * 20)
    with caplog.at_level("DEBUG"), pytest.raises(CxrReadError):
        read_dicom(path)
    assert caplog.text == ""
    assert pydicom.config.logger.isEnabledFor(40)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\0" * 128 + b"DICM", True),
        (b"\x7fELF" + b"\0" * 124 + b"DICM", True),
        (b"\x02\0\0\0UL\4\0" + b"\0" * 200, True),  # file meta without preamble
        (b"\x08\0\x05\0CS\x0a\0ISO_IR 100", True),  # explicit VR, little endian
        (b"\0\x08\0\x05CS\0\x0aISO_IR 100", True),  # explicit VR, big endian
        (b"\x08\0\x05\0\x0a\0\0\0ISO_IR 100", True),  # implicit VR
        (b"\x08\0\x05\0\xff\xff\xff\x7f", False),
        (b"", False),
        (b"DICM", False),
        (b"hello" * 100, False),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, False),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, False),
        (b"\0\5\x16\7" + b"\0" * 99, False),  # the ._ files of macOS
        (b"\0" * 300, False),
    ],
)
def test_dicom_is_told_by_content(tmp_path: Path, content: bytes, expected: bool) -> None:
    """By ``DICM`` after the preamble, or by a first element that only DICOM begins with."""
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert is_dicom(path) is expected


@pytest.mark.parametrize("name", ["jsrt", "nih", "nih_tables"])
def test_no_other_file_is_taken_for_dicom(cxrtk_data: Path, name: str) -> None:
    """No PNG or table of the test data begins like DICOM."""
    files = [path for path in (cxrtk_data / name).rglob("*") if path.is_file()]
    assert files and not any(is_dicom(path) for path in files)
