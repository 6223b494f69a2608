"""Measures in words."""

import pytest

from cxrtk.report import words
from cxrtk.report.words import Fact

LUNGS = {"area_px": {"right_lung": 3000, "left_lung": 2000, "heart": 900}}


def said(measures):
    return {fact.term: fact.value for fact in words.facts(measures)}


def test_areas_add_up():
    """Both lungs together, without the heart, in pixels where there are no mm."""
    assert said({**LUNGS, "area_mm2": dict.fromkeys(LUNGS["area_px"])}) == {
        "Both lungs": "5,000 px",
        "Right lung": "3,000 px",
        "Left lung": "2,000 px",
        "Heart": "900 px",
    }


def test_areas_in_square_centimetres():
    """100 mm² are 1 cm²."""
    mm2 = {"right_lung": 21000.0, "left_lung": 19550.0, "heart": 9000.0}
    assert said({**LUNGS, "area_mm2": mm2})["Both lungs"] == "405.5 cm²"


def test_one_class():
    """Both lungs in one mask are called so, and stand on the small card."""
    assert words.facts({"area_px": {"lungs": 7}}) == [Fact("Lungs", "7 px", brief=True)]


@pytest.mark.parametrize(
    ("measures", "term", "value"),
    [
        ({"right_to_left_lung_area": 1.126}, "Right : left lung", "1.13"),
        ({"cardiothoracic_ratio": 0.4987}, "Cardiothoracic ratio", "0.50"),
        ({"cardiothoracic_interval": [0.4312, 0.506]}, "Ratio, 90 % interval", "0.43 to 0.51"),
        ({"area_px": {"heart": None}}, "Heart", words.NO_VALUE),
        ({"lung_fraction_of_image": 0.357}, "Lungs' share of the image", "35.7%"),
        (
            {"spacing_mm": [0.2, 0.1], "spacing_source": "detector"},
            "Pixel spacing",
            "0.2 × 0.1 mm (detector)",  # noqa: RUF001
        ),
        (
            {"spacing_mm": None, "spacing_reason": "PixelSpacing is 0"},
            "Pixel spacing",
            "unknown, so areas are in pixels: PixelSpacing is 0",
        ),
    ],
)
def test_other_measures(measures, term, value):
    """Rounded to what means something."""
    assert said(measures) == {term: value}


@pytest.mark.parametrize(
    "name", ["right_to_left_lung_area", "cardiothoracic_ratio", "lung_fraction_of_image"]
)
def test_what_is_not_there_is_not_said(name):
    """No dash, no zero."""
    assert words.facts({name: None}) == []


def test_part_of_the_areas_in_mm_is_none():
    """A sum of some lungs is no area of both."""
    assert words.lung_area({**LUNGS, "area_mm2": {"right_lung": 10.0, "left_lung": None}}) == (5000, None)


def test_flags_of_a_file_are_one_fact():
    """All of them in one line, on the small card too; no line without any."""
    assert words.flags([]) == []
    assert words.flags(["lateral", "tiny"]) == [words.Fact("Flags of the file", "lateral, tiny", brief=True)]
