"""The measures of a page."""

import pytest

from cxrtk.report.entries import Entry
from cxrtk.report.measured import all_in_mm, area_of, measured

MEASURES = {
    "area_px": {"right_lung": 600, "left_lung": 400, "heart": None},
    "area_mm2": {"right_lung": 15000.0, "left_lung": 10000.0, "heart": None},
    "right_to_left_lung_area": 1.5,
    "cardiothoracic_ratio": None,
}
ENTRY = Entry("a.png", "ok", measures=MEASURES, quality={"score": 0.9})


@pytest.mark.parametrize(
    ("in_mm", "values"),
    [
        (True, {"score": 0.9, "ratio": None, "area": 250.0, "right": 150.0, "left": 100.0, "heart": None}),
        (False, {"score": 0.9, "ratio": None, "area": 1000.0, "right": 600.0, "left": 400.0, "heart": None}),
    ],
)
def test_values_are_in_the_unit_of_their_heading(in_mm, values):
    """100 mm² are 1 cm²; what is withheld is none."""
    found = {each.key: each.value(ENTRY) for each in measured(in_mm=in_mm)}
    assert found == {**values, "sides": 1.5}
    assert {each.unit for each in measured(in_mm=in_mm)} == {"", "cm²" if in_mm else "px"}


def test_an_image_without_masks_has_no_area():
    """Not one of 0."""
    assert area_of(Entry("b.png", "failed"), ["right_lung"], in_mm=False) is None


def test_one_image_without_a_spacing_makes_all_pixels():
    """A file that could not be read does not."""
    without = Entry("c.png", "ok", measures={**MEASURES, "area_mm2": {"right_lung": None, "left_lung": None}})
    assert all_in_mm([ENTRY, Entry("b.png", "failed")]) and not all_in_mm([ENTRY, without])
