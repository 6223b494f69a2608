"""Spacing in mm, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrtk.data.pixels.dicom import read_dicom
from cxrtk.data.pixels.dicom.spacing import Spacing

Write = Callable[..., Path]
FACTOR = "EstimatedRadiographicMagnificationFactor"


@pytest.mark.parametrize(
    ("tags", "mm", "source"),
    [
        ({}, None, None),
        ({"ImagerPixelSpacing": [0.14, 0.2]}, (0.14, 0.2), "detector"),
        ({"ImagerPixelSpacing": [0.14, 0.2], FACTOR: 1.25}, (0.112, 0.16), "magnified"),
        ({"ImagerPixelSpacing": [0.14, 0.2], FACTOR: 1}, (0.14, 0.2), "magnified"),
        ({"PixelSpacing": [0.14, 0.2]}, (0.14, 0.2), "unspecified"),
        (
            {"PixelSpacing": [0.14, 0.14], "ImagerPixelSpacing": ["0.140", "0.14"]},
            (0.14, 0.14),
            "unspecified",
        ),
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.14, 0.14]}, (0.1, 0.1), "calibrated"),
        ({"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"}, (0.1, 0.1), "calibrated"),
        (
            {
                "PixelSpacing": [0.1, 0.1],
                "ImagerPixelSpacing": [0.1, 0.1],
                "PixelSpacingCalibrationType": "GEOMETRY",
            },
            (0.1, 0.1),
            "calibrated",
        ),
        # PixelSpacing has the magnification taken out already, or never will.
        ({"PixelSpacing": [0.1, 0.1], FACTOR: 1.25}, (0.1, 0.1), "unspecified"),
    ],
)
def test_sources(
    write: Write, tags: dict[str, Any], mm: tuple[float, float] | None, source: str | None
) -> None:
    """(row, column) spacing and its source; never 1.0 for want of a better value."""
    radiograph = read_dicom(write(**tags))
    assert radiograph.spacing_mm == (mm if mm is None else pytest.approx(mm))
    assert radiograph.spacing_source == source
    assert radiograph.meta["warnings"] == []


@pytest.mark.parametrize(
    ("tags", "source", "warning"),
    [
        ({"ImagerPixelSpacing": [0, 0]}, None, "(0018,1164) ImagerPixelSpacing"),
        ({"PixelSpacing": [-0.1, 0.1]}, None, "(0028,0030) PixelSpacing"),
        ({"PixelSpacing": [0.1]}, None, "(0028,0030) PixelSpacing"),
        ({"PixelSpacing": ["nan", "0.1"]}, None, "(0028,0030) PixelSpacing"),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.1, 0.1]}, "detector", "(0028,0030) PixelSpacing"),
        ({"ImagerPixelSpacing": [0.1, 0.1], FACTOR: 0}, "detector", "(0018,1114)"),
        ({"ImagerPixelSpacing": [0.1, 0.1], FACTOR: 0.5}, "detector", "(0018,1114)"),
        (
            {"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "GUESS"},
            "unspecified",
            "(0028,0A02) PixelSpacingCalibrationType",
        ),
    ],
)
def test_unusable_values(write: Write, tags: dict[str, Any], source: str | None, warning: str) -> None:
    """They are passed over, and a warning names the attribute."""
    radiograph = read_dicom(write(**tags))
    assert radiograph.spacing_source == source
    assert [warning in found for found in radiograph.meta["warnings"]] == [True]


def test_text_for_a_number(write: Write) -> None:
    """A PixelSpacing that is no number at all is passed over too."""
    path = write(PixelSpacing=[0.14, 0.14])
    path.write_bytes(path.read_bytes().replace(b"0.14\\0.14 ", b"abc.\\0.14 "))
    radiograph = read_dicom(path)
    assert radiograph.spacing_mm is None
    assert "(0028,0030) PixelSpacing is not a number" in radiograph.meta["warnings"][0]


@pytest.mark.parametrize(
    ("name", "mm", "source"),
    [
        ("RG1_UNCI", None, None),
        ("rsna_cr_pa_monochrome2_jpeg", (0.168, 0.168), "unspecified"),
        ("veterinary_dx_thorax_monochrome1", (1.2, 1.2012), "unspecified"),
    ],
)
def test_real_files(cxrtk_data: Path, name: str, mm: tuple[float, float] | None, source: str | None) -> None:
    """None has a calibrated one: 0, PixelSpacing alone, and PixelSpacing equal to ImagerPixelSpacing."""
    radiograph = read_dicom(cxrtk_data / "dicom" / f"{name}.dcm")
    assert radiograph.spacing_mm == (mm if mm is None else pytest.approx(mm))
    assert radiograph.spacing_source == source


def test_a_real_zero_is_named(cxrtk_data: Path) -> None:
    """RG1_UNCI.dcm says 0.000 by 0.000."""
    warnings = read_dicom(cxrtk_data / "dicom" / "RG1_UNCI.dcm").meta["warnings"]
    assert any("(0028,0030) PixelSpacing = [0.0, 0.0]" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("mm", "ratio", "aspect", "square"),
    [
        ((0.1, 0.2), None, (0.1, 0.2), False),
        ((0.1, 0.1), (2.0, 1.0), (0.1, 0.1), True),  # the spacing decides
        (None, (2.0, 1.0), (2.0, 1.0), False),
        (None, (1.0, 1.0), (1.0, 1.0), True),
        (None, None, None, True),
        ((0.1, 0.1009), None, (0.1, 0.1009), True),  # within one in a hundred
        ((0.1, 0.1011), None, (0.1, 0.1011), False),
    ],
)
def test_the_shape_of_a_pixel(
    mm: tuple[float, float] | None,
    ratio: tuple[float, float] | None,
    aspect: tuple[float, float] | None,
    square: bool,
) -> None:
    """By the spacing, else by the ratio; where nothing is said, square."""
    stated = {} if ratio is None else {"PixelAspectRatio": ratio}
    spacing = Spacing(mm, None if mm is None else "detector", "", stated)
    assert (spacing.aspect, spacing.is_square) == (aspect, square)


@pytest.mark.parametrize(
    ("ratio", "warns"), [([1, 1], False), ([2, 1], True), ([1, 2], True), ([101, 100], False)]
)
def test_a_ratio_that_contradicts_the_spacing(write: Write, ratio: list[int], warns: bool) -> None:
    """It is said, and the spacing decides."""
    radiograph = read_dicom(write(PixelSpacing=[0.2, 0.2], PixelAspectRatio=ratio))
    assert radiograph.spacing_mm == (0.2, 0.2)
    assert any("contradicts the spacing" in each for each in radiograph.meta["warnings"]) is warns


@pytest.mark.parametrize(("other", "source"), [("0.1401", "unspecified"), ("0.1403", "calibrated")])
def test_how_near_two_spacings_are_the_same(write: Write, other: str, source: str) -> None:
    """One in a thousand is how two decimal strings of one number may differ."""
    path = write(PixelSpacing=["0.14", other], ImagerPixelSpacing=["0.14", "0.14"])
    assert read_dicom(path).spacing_source == source
