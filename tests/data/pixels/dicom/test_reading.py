"""Pixels, polarity and provenance of `read_dicom`, on real files and on twins of one image."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.pixels import apply_voi_lut, pixel_array

from cxrtk.data.pixels.dicom import read_dicom, read_dicom_header
from cxrtk.errors import CxrReadError

Write = Callable[..., Path]

REAL = (
    "RG1_J2KI",
    "RG1_UNCI",
    "rsna_cr_pa_fake_monochrome1_jpeg",
    "rsna_cr_pa_monochrome2_jpeg",
    "veterinary_dx_thorax_monochrome1",
)
IMPLICIT, BIG, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
RLE, JPEG, J2K = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"


@pytest.fixture
def dicom(cxrtk_data: Path) -> Callable[[str], Path]:
    return lambda name: cxrtk_data / "dicom" / f"{name}.dcm"


@pytest.mark.parametrize("name", REAL)
def test_real_files_equal_pydicom(dicom: Callable[[str], Path], name: str) -> None:
    """Stored values, window and polarity give what pydicom's own functions do, over the declared range."""
    data = pydicom.dcmread(dicom(name))
    full = 2**data.BitsStored - 1
    plugin = "pillow" if data.file_meta.TransferSyntaxUID.is_encapsulated else ""
    expected = apply_voi_lut(pixel_array(data, decoding_plugin=plugin), data) / full
    if data.PhotometricInterpretation == "MONOCHROME1":
        expected = 1 - expected
    assert np.allclose(read_dicom(dicom(name)).pixels, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "lung", "mediastinum"),
    [
        ("RG1_UNCI", np.s_[390:520, 460:610], np.s_[900:1100, 880:960]),
        ("RG1_J2KI", np.s_[390:520, 460:610], np.s_[900:1100, 880:960]),
        ("rsna_cr_pa_monochrome2_jpeg", np.s_[250:400, 240:330], np.s_[300:600, 490:540]),
    ],
)
def test_lungs_are_darker_than_the_mediastinum(
    dicom: Callable[[str], Path], name: str, lung: Any, mediastinum: Any
) -> None:
    """Brighter is denser, also where the file is MONOCHROME1."""
    pixels = read_dicom(dicom(name)).pixels
    assert pixels[lung].mean() + 0.1 < pixels[mediastinum].mean()


def test_lossy_jpeg_2000_is_close_to_its_uncompressed_twin(dicom: Callable[[str], Path]) -> None:
    """RG1_J2KI is RG1_UNCI, compressed 10 : 1."""
    difference = read_dicom(dicom("RG1_J2KI")).pixels - read_dicom(dicom("RG1_UNCI")).pixels
    assert np.abs(difference).mean() < 1e-3


def test_the_tag_alone_decides_polarity(dicom: Callable[[str], Path]) -> None:
    """The file whose MONOCHROME2 was changed to MONOCHROME1, and nothing else, is the exact negative."""
    true, fake = (
        read_dicom(dicom(f"rsna_cr_pa_{name}_jpeg")) for name in ("monochrome2", "fake_monochrome1")
    )
    assert np.array_equal(np.rint(fake.pixels * 255), 255 - np.rint(true.pixels * 255))
    assert (true.meta["polarity"], fake.meta["polarity"]) == ("as stored", "inverted")


def test_jpeg_baseline_equals_pillow(dicom: Callable[[str], Path]) -> None:
    """Without a window an 8-bit file is its JPEG frame / 255."""
    path = dicom("rsna_cr_pa_monochrome2_jpeg")
    frame = next(generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1))
    expected = np.asarray(Image.open(io.BytesIO(frame)), dtype=np.float64) / 255
    assert np.allclose(read_dicom(path).pixels, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", REAL)
def test_real_files_need_no_warning_of_pydicom(dicom: Callable[[str], Path], name: str) -> None:
    """Normal files raise no Python warning (here all are errors), and `meta` is JSON."""
    meta = read_dicom(dicom(name)).meta
    assert not any("pydicom" in warning for warning in meta["warnings"])
    assert json.loads(json.dumps(dict(meta)))["Modality"] in ("CR", "DX")


def test_a_plain_file_is_scaled_by_its_stored_bits(write: Write, ramp: np.ndarray) -> None:
    """12 bits stored: 4095 is 1, whatever the image's own maximum."""
    radiograph = read_dicom(write())
    assert radiograph.pixels.dtype == np.float32
    assert np.allclose(radiograph.pixels, ramp / 4095, rtol=0, atol=1e-7)
    assert radiograph.meta["warnings"] == []


def _compressed(path: Path, syntax: str) -> Path:
    data = pydicom.dcmread(path)
    data.compress(syntax)
    data.save_as(path, enforce_file_format=True)
    return path


TWINS: dict[str, Callable[[Write, np.ndarray, Callable[..., bytes]], Path]] = {
    "MONOCHROME1": lambda w, a, e: w(4095 - a, PhotometricInterpretation="MONOCHROME1"),
    "MONOCHROME1, INVERSE": lambda w, a, e: w(
        4095 - a, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE"
    ),
    "MONOCHROME2, INVERSE": lambda w, a, e: w(PresentationLUTShape="INVERSE"),
    "lower case": lambda w, a, e: w(PhotometricInterpretation="monochrome2 "),
    "junk above HighBit": lambda w, a, e: w(a | 0xF000),
    "junk below the stored bits": lambda w, a, e: w(a << 2 | 0x4003, HighBit=13),
    "signed": lambda w, a, e: w(a.astype(np.int16) - 2048),
    "signed, junk": lambda w, a, e: w(a.astype(np.int16) - 2048 & 0x0FFF),
    "implicit VR": lambda w, a, e: w(syntax=IMPLICIT),
    "big endian": lambda w, a, e: w(syntax=BIG, PixelData=a.byteswap().tobytes()),
    "deflated": lambda w, a, e: w(syntax=DEFLATED),
    "RLE": lambda w, a, e: _compressed(w(), RLE),
    "JPEG 2000": lambda w, a, e: w(syntax=J2K, encoded=e(a, "JPEG2000", irreversible=False)),
    "RescaleSlope -1": lambda w, a, e: w(4095 - a, RescaleSlope=-1, RescaleIntercept=4095),
    "NumberOfFrames 1": lambda w, a, e: w(NumberOfFrames=1),
    "padded": lambda w, a, e: w(PixelData=a.tobytes() + b"\0" * 200),
    "full window, exact": lambda w, a, e: w(
        WindowCenter=2047.5, WindowWidth=4095, VOILUTFunction="LINEAR_EXACT"
    ),
    "full window": lambda w, a, e: w(WindowCenter=2048, WindowWidth=4096),
    "unknown charset": lambda w, a, e: w(SpecificCharacterSet="ISO_IR 999"),
    "non-ASCII name": lambda w, a, e: w(PatientName="Ä^Ö"),
    "path in a UID": lambda w, a, e: w(SOPInstanceUID="../../x"),
}


@pytest.mark.parametrize("twin", TWINS)
def test_twins_give_the_same_pixels(
    write: Write, ramp: np.ndarray, encode: Callable[..., bytes], twin: str
) -> None:
    """One image stored in many ways is one image."""
    assert np.allclose(read_dicom(TWINS[twin](write, ramp, encode)).pixels, ramp / 4095, rtol=0, atol=1e-7)


def test_a_file_without_preamble_is_read(write: Write, ramp: np.ndarray) -> None:
    """The 132 bytes before the first element may be missing."""
    path = write()
    path.write_bytes(path.read_bytes()[132:])
    assert np.allclose(read_dicom(path).pixels, ramp / 4095, rtol=0, atol=1e-7)


def test_a_bare_data_set_is_read_and_its_guessed_syntax_told(write: Write, ramp: np.ndarray) -> None:
    """Without preamble and file meta group the encoding is guessed, and a warning says so."""
    path = write(syntax=IMPLICIT)
    content = path.read_bytes()
    path.write_bytes(content[content.index(b"\x08\x00\x16\x00") :])
    radiograph = read_dicom(path)
    assert np.allclose(radiograph.pixels, ramp / 4095, rtol=0, atol=1e-7)
    assert "(0002,0010) TransferSyntaxUID is missing" in radiograph.meta["warnings"][0]


def test_jpeg_baseline_keeps_its_value(write: Write, encode: Callable[..., bytes]) -> None:
    """A flat 8-bit JPEG of 102 is 102 / 255 everywhere."""
    flat = np.full((64, 48), 102, np.uint8)
    pixels = read_dicom(
        write(flat, syntax=JPEG, encoded=encode(flat, "JPEG"), BitsStored=8, HighBit=7)
    ).pixels
    assert np.allclose(pixels, 0.4, rtol=0, atol=1e-6)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", IMPLICIT])
def test_equal_colour_channels_are_grey(write: Write, ramp8: np.ndarray, syntax: str) -> None:
    """RGB whose three channels agree is read as the one grey image."""
    pixels = read_dicom(write(np.dstack([ramp8] * 3), syntax=syntax)).pixels
    assert np.allclose(pixels, ramp8 / 255, rtol=0, atol=1e-7)


def test_overshoot_of_a_lossy_codec_is_clipped(
    write: Write, ramp: np.ndarray, encode: Callable[..., bytes]
) -> None:
    """A decoded value above the stored bits is the brightest, not a wrapped dark one."""
    image = ramp.copy()
    image[0, 0] = 5000
    radiograph = read_dicom(write(syntax=J2K, encoded=encode(image, "JPEG2000", irreversible=False)))
    assert radiograph.pixels[0, 0] == 1
    assert "5000" in radiograph.meta["warnings"][0]


@pytest.mark.parametrize(
    ("tags", "warning"),
    [
        ({"PresentationLUTShape": "INVERSE"}, "(2050,0020) PresentationLUTShape = INVERSE contradicts"),
        (
            {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"},
            "(2050,0020) PresentationLUTShape = IDENTITY contradicts",
        ),
        ({"HighBit": 3}, "(0028,0102) HighBit = 3"),
        ({"NumberOfFrames": 0}, "(0028,0008) NumberOfFrames = 0"),
        ({"RescaleIntercept": 5}, "(0028,1053) RescaleSlope is missing"),
    ],
)
def test_contradictions_are_told(write: Write, tags: dict[str, Any], warning: str) -> None:
    """What is passed over or assumed stands in ``meta["warnings"]`` with its tag."""
    assert any(warning in found for found in read_dicom(write(**tags)).meta["warnings"])


def test_nothing_of_the_patient_leaves(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    """A name in an attribute of any kind, allow-listed ones too, is in neither `meta` nor the log."""
    canary = "CANARY^QX"
    path = write(
        PatientName=canary,
        PatientID=canary,
        AccessionNumber=canary,
        ViewPosition=canary,
        PatientOrientation=[canary, "F"],
        BodyPartExamined=canary,
        StudyDescription=canary,
    )
    caplog.clear()
    with caplog.at_level(0):
        assert "CANARY" not in str(read_dicom(path))
    assert "CANARY" not in caplog.text


def test_a_file_that_states_no_modality_is_read(write: Write) -> None:
    """By default, as CR, DX and RG are; a list of modalities leaves it out."""
    path = write(Modality="")
    assert read_dicom(path).pixels.size
    with pytest.raises(CxrReadError, match="is not one of the modalities CR"):
        read_dicom(path, modalities=["CR"])


def test_other_modalities_are_read_on_request(write: Write) -> None:
    """`modalities=None` takes any."""
    assert read_dicom(write(Modality="CT"), modalities=None).meta["Modality"] == "CT"


@pytest.mark.parametrize(("argument", "value"), [("modalities", "CR"), ("voi", "best")])
def test_wrong_arguments_are_named(write: Write, argument: str, value: str) -> None:
    """A plain string of modalities, which would be taken letter by letter, and an unknown VOI are refused."""
    with pytest.raises(ValueError, match=argument):
        read_dicom(write(), **{argument: value})  # type: ignore[arg-type]


def test_the_header_is_read_without_pixels(write: Write) -> None:
    """Attributes come as text, absent ones as empty text, also where the pixel data are cut off."""
    path = write()
    path.write_bytes(path.read_bytes()[:-3000])
    header = read_dicom_header(path, ["PatientID", "Rows", "ViewPosition"])
    assert header == {"PatientID": "MRN123", "Rows": "60", "ViewPosition": ""}
