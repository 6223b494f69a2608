"""What is worth a second look about a DICOM image is flagged, and can be refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from cxrtk.data.pixels.dicom import read_dicom
from cxrtk.data.pixels.flags import FLAGS
from cxrtk.errors import CxrReadError

Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[4]


def view(code: str) -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "SCT", "x"
    return [item]


@pytest.mark.parametrize(
    ("tags", "flags"),
    [
        ({}, {}),
        ({"ViewPosition": "PA", "PatientOrientation": ["L", "F"], "ImageLaterality": "U"}, {}),
        ({"ViewPosition": "AP", "PatientOrientation": ["LA", "FP"]}, {}),
        ({"ViewPosition": "LL"}, {"lateral": "(0018,5101) ViewPosition = LL"}),
        ({"ViewPosition": "rl "}, {"lateral": "(0018,5101) ViewPosition = RL"}),
        ({"ViewPosition": "RLO"}, {"oblique": "(0018,5101) ViewPosition = RLO"}),
        ({"ViewPosition": "LLD"}, {"decubitus": "(0018,5101) ViewPosition = LLD"}),
        # PS3.16 CID 4010: 399173006 left lateral, 272479007 postero-anterior.
        ({"ViewCodeSequence": view("399173006")}, {"lateral": "(0054,0220) ViewCodeSequence = 399173006"}),
        ({"ViewCodeSequence": view("272479007")}, {}),
        ({"PatientOrientation": ["A", "F"]}, {"lateral": "(0020,0020) PatientOrientation = ['A', 'F']"}),
        ({"PatientOrientation": ["P", "F"]}, {"lateral": "(0020,0020) PatientOrientation = ['P', 'F']"}),
        ({"PatientOrientation": ["F", "R"]}, {"rotated": "(0020,0020) PatientOrientation = ['F', 'R']"}),
        ({"PatientOrientation": ["R", "H"]}, {"rotated": "(0020,0020) PatientOrientation = ['R', 'H']"}),
        ({"PatientOrientation": ["R", "F"]}, {"mirrored": "(0020,0020) PatientOrientation = ['R', 'F']"}),
        ({"PatientOrientation": ["LE", "X"]}, {}),
        ({"ImageLaterality": "L"}, {"one_sided": "(0020,0062) ImageLaterality = L"}),
        ({"Laterality": "R"}, {"one_sided": "(0020,0060) Laterality = R"}),
        (
            {"PresentationIntentType": "FOR PROCESSING"},
            {"for_processing": "(0008,0068) PresentationIntentType = FOR PROCESSING"},
        ),
        ({"BurnedInAnnotation": "YES"}, {"burned_in": "(0028,0301) BurnedInAnnotation = YES"}),
        ({"BurnedInAnnotation": "NO"}, {}),
        (
            {"PresentationLUTShape": "INVERSE"},
            {"polarity_contradiction": "(2050,0020) PresentationLUTShape = INVERSE"},
        ),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, {}),
        ({"LossyImageCompression": "01"}, {"lossy": "(0028,2110) LossyImageCompression = 01"}),
        ({"LossyImageCompression": "00"}, {}),
        ({"PixelSpacing": [0.14, 0.2]}, {"not_square": "(0028,0030) PixelSpacing = [0.14, 0.2]"}),
        ({"PixelSpacing": [0.14, 0.1401]}, {}),
        ({"PixelAspectRatio": [4, 3]}, {"not_square": "(0028,0034) PixelAspectRatio = [4.0, 3.0]"}),
        ({"PixelAspectRatio": [1, 1]}, {}),
    ],
)
def test_flags_name_the_attribute(write: Write, tags: dict[str, Any], flags: dict[str, str]) -> None:
    """Exactly the flags that the attributes call for, each with the attribute; and the images are tiny."""
    assert read_dicom(write(**tags)).meta["flags"] == flags | {"tiny": "40 x 60 pixels"}


def test_a_constant_image_is_flagged(write: Write, ramp: np.ndarray) -> None:
    """A blank exposure is readable, and said to be blank."""
    flags = read_dicom(write(np.full_like(ramp, 7))).meta["flags"]
    assert flags == {"constant": "(7FE0,0010) PixelData", "tiny": "40 x 60 pixels"}


@pytest.mark.parametrize(
    ("tags", "aspect"),
    [
        ({"PixelAspectRatio": [4, 3]}, None),
        ({"PixelSpacing": [0.2, 0.2], "PixelAspectRatio": [4, 3]}, "contradicts the spacing"),
        ({"PixelSpacing": [0.4, 0.3], "PixelAspectRatio": [4, 3]}, None),
    ],
)
def test_the_spacing_wins_over_the_aspect_ratio(
    write: Write, tags: dict[str, Any], aspect: str | None
) -> None:
    """The ratio is recorded and never taken for mm; one that contradicts is told."""
    radiograph = read_dicom(write(**tags))
    assert radiograph.spacing_mm == (tuple(tags["PixelSpacing"]) if "PixelSpacing" in tags else None)
    assert radiograph.meta["PixelAspectRatio"] == [4, 3]
    assert [aspect for _ in radiograph.meta["warnings"]] == [aspect] * (aspect is not None)
    assert all(str(aspect) in warning for warning in radiograph.meta["warnings"])


def test_both_spacings_are_recorded(write: Write) -> None:
    """PixelSpacing decides; what ImagerPixelSpacing says is kept beside it."""
    meta = read_dicom(write(PixelSpacing=[0.1, 0.1], ImagerPixelSpacing=[0.14, 0.14])).meta
    assert (meta["PixelSpacing"], meta["ImagerPixelSpacing"]) == ([0.1, 0.1], [0.14, 0.14])


def test_flags_can_be_refused(write: Write) -> None:
    """The error names flag and attribute; flags that were not named stop nothing."""
    path = write(ViewPosition="LL", BurnedInAnnotation="YES")
    with pytest.raises(CxrReadError, match=r"flagged lateral.*\(0018,5101\) ViewPosition = LL") as caught:
        read_dicom(path, refuse=["lateral"])
    assert caught.value.code == "flagged"
    assert "lateral" in read_dicom(path, refuse=["rotated"]).meta["flags"]


def test_refusing_comes_before_decoding(write: Write) -> None:
    """A file whose pixels are cut is refused for its view, and not for its pixels."""
    path = write(ViewPosition="LL", PixelData=b"\0" * 100)
    with pytest.raises(CxrReadError, match="lateral"):
        read_dicom(path, refuse=["lateral"])


@pytest.mark.parametrize("refuse", ["lateral", ["sideways"]])
def test_what_is_no_flag_is_named(write: Write, refuse: Any) -> None:
    """A plain string, which would be taken letter by letter, and an unknown flag."""
    with pytest.raises(ValueError, match="refuse must be a list"):
        read_dicom(write(), refuse=refuse)


def test_the_docs_list_the_flags() -> None:
    """The table of docs/pixels.md is the list, word for word."""
    page = (ROOT / "docs" / "pixels.md").read_text(encoding="utf-8")
    section = page.partition("## Flags")[2].partition("## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", section, re.MULTILINE)) == FLAGS
