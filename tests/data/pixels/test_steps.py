"""The decisions behind an image as text, from made-up `meta`: what stands in it is all that may be said."""

import numpy as np
import pytest

from cxrtk import Radiograph
from cxrtk.data.pixels.steps import Step, steps

DICOM = {
    "Rows": 4, "Columns": 6, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1", "Modality": "DX",
    "TransferSyntaxUID": "1.2.840.10008.1.2.1", "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11,
    "PixelRepresentation": 0, "PhotometricInterpretation": "MONOCHROME1", "PatientOrientation": ["L", "F"],
    "modality_lut": "rescale 1 0", "voi": "window 128 256 LINEAR", "polarity": "inverted", "decoder": "none",
}  # fmt: skip
PLAIN = {"format": "PNG", "mode": "grey", "bits": 16, "range": (0, 65535)}


def said(spacing_mm=None, source=None, **meta) -> dict[str, Step]:
    radiograph = Radiograph(np.zeros((4, 6), np.float32), spacing_mm, source, meta)
    return {step.name: step for step in steps(radiograph)}


def test_the_steps_of_a_dicom_file():
    """In the order in which they were taken, each with tag, keyword and value."""
    found = said(**DICOM)
    assert list(found) == [
        "size", "object", "decoding", "stored bits", "modality LUT", "VOI", "polarity", "scale",
        "orientation", "spacing",
    ]  # fmt: skip
    assert found["size"] == ("size", "(0028,0010) Rows = 4, (0028,0011) Columns = 6", "6 x 4 pixels")
    assert found["object"].found.startswith("(0008,0016) SOPClassUID = 1.2.840")
    assert found["object"].found.endswith("(0008,0060) Modality = DX")
    assert found["decoding"].found == "(0002,0010) TransferSyntaxUID = 1.2.840.10008.1.2.1"
    assert found["polarity"][1:] == ("(0028,0004) PhotometricInterpretation = MONOCHROME1", "inverted")
    assert found["orientation"][1:] == ("(0020,0020) PatientOrientation = ['L', 'F']", "as stored")
    assert found["spacing"][1:] == ("", "unknown: the format has none")


@pytest.mark.parametrize(("decoder", "decision"), [("none", "not compressed"), ("pyjpegls", "by pyjpegls")])
def test_who_decoded(decoder, decision):
    """A library, or nobody where nothing is compressed."""
    assert said(**{**DICOM, "decoder": decoder})["decoding"].decision == decision


@pytest.mark.parametrize(
    ("stored", "signed", "decision"),
    [(8, 0, "0 to 255"), (12, 0, "0 to 4095"), (12, 1, "-2048 to 2047"), (1, 1, "-1 to 0")],
)
def test_the_range_of_stored_bits(stored, signed, decision):
    """Two's complement where the representation is 1."""
    meta = {**DICOM, "BitsStored": stored, "PixelRepresentation": signed}
    assert said(**meta)["stored bits"].decision == decision


def test_the_representation_may_be_absent():
    """It is then unsigned."""
    meta = {key: value for key, value in DICOM.items() if key != "PixelRepresentation"}
    assert said(**meta)["stored bits"].decision == "0 to 4095"


SLOPE = "(0028,1053) RescaleSlope, (0028,1052) RescaleIntercept"


@pytest.mark.parametrize(
    ("lut", "names"),
    [
        ("lut", "(0028,3000) ModalityLUTSequence"),
        ("rescale 2 -1024", SLOPE),
        ("none", f"absent: (0028,3000) ModalityLUTSequence, {SLOPE}"),
    ],
)
def test_what_made_the_modality_values(lut, names):
    """The attributes that did, or those that are absent."""
    assert said(**{**DICOM, "modality_lut": lut})["modality LUT"][1:] == (names, lut)


WINDOW = "(0028,1050) WindowCenter, (0028,1051) WindowWidth, (0028,1056) VOILUTFunction"


@pytest.mark.parametrize(
    ("voi", "names", "scale"),
    [
        ("lut 1", "(0028,3010) VOILUTSequence", "[0, 1] of the VOI's output"),
        ("window 1 2 LINEAR", WINDOW, "[0, 1] of the VOI's output"),
        ("percentile 1 99", "1st and 99th percentile of the values", "[0, 1] of the VOI's output"),
        ("none", f"not used: (0028,3010) VOILUTSequence, {WINDOW}", "[0, 1] of the stored bits' range"),
    ],
)
def test_what_made_the_values_of_interest(voi, names, scale):
    """And of which range 0 and 1 are the ends."""
    found = said(**{**DICOM, "voi": voi})
    assert found["VOI"][1:] == (names, voi) and found["scale"][1:] == ("", scale)


def test_the_steps_of_another_file():
    """What the format declares; it has no tags."""
    found = said(**PLAIN)
    assert list(found) == ["size", "format", "scale", "polarity", "orientation", "spacing"]
    assert found["size"][1:] == ("", "6 x 4 pixels")
    assert found["format"][1:] == ("format PNG, mode grey, bits 16", "one grey channel")
    assert found["scale"][1:] == ("range by format", "[0, 1] of 0 to 65535")
    assert found["polarity"][1:] == ("", "as stored")
    assert found["orientation"][1:] == ("", "as stored")


@pytest.mark.parametrize(
    ("more", "step", "expected"),
    [
        ({"range_source": "header"}, "scale", ("range by header", "[0, 1] of 0 to 65535")),
        ({"exif_orientation_ignored": 6}, "orientation", ("EXIF 6", "as stored")),
        ({"orientation": "RAS"}, "orientation", ("RAS", "as its affine says")),
        ({"spacing": "no resolution"}, "spacing", ("", "unknown: no resolution")),
    ],
)
def test_what_other_files_say_besides(more, step, expected):
    """Who gave the range; an orientation that is ignored, or obeyed; why there is no spacing."""
    assert said(**PLAIN, **more)[step][1:] == expected


def test_a_spacing_with_its_source_and_reason():
    """Row first, as the attribute has it."""
    meta = {**DICOM, "PixelSpacing": [0.14, 0.2]}
    found = said((0.14, 0.2), "unspecified", **meta)["spacing"]
    assert found[1:] == (
        "(0028,0030) PixelSpacing = [0.14, 0.2]", "0.14 x 0.2 mm (row, column), unspecified"
    )  # fmt: skip
    why = said((0.14, 0.2), "unspecified", spacing="PixelSpacing alone", **meta)["spacing"]
    assert why.decision == "0.14 x 0.2 mm (row, column), unspecified: PixelSpacing alone"


@pytest.mark.parametrize(
    ("flag", "step"),
    [
        ("(0028,1050) WindowCenter = 1.0 leaves one grey level", "VOI"),
        ("(0028,3000) ModalityLUTSequence leaves one grey level", "modality LUT"),
    ],
)
def test_what_was_passed_over(flag, step):
    """The step names the attribute that does not fit, and the other one does not."""
    meta = {**DICOM, "modality_lut": "none", "voi": "none", "flags": {"voi_contradiction": flag}}
    names = [name for name, found in said(**meta).items() if found.found.startswith("ignored")]
    assert names == [step]


def test_bits_that_the_header_does_not_state():
    """The range that was taken, and why."""
    why = "(0028,0101) BitsStored = 12 contradicts the pixels, which go to 15000"
    meta = {**DICOM, "stored_range": [0, 65535], "flags": {"bits_contradiction": why}}
    assert said(**meta)["stored bits"].decision == f"0 to 65535: {why}"
