"""Differences of areas, by hand."""

import pytest

from cxrtk.report.figures import bland_altman
from tests.report.figures.cases import case


def test_bias_and_limits_are_those_of_bland_and_altman():
    """Differences 2, -4, 8 pixels: mean 2, SD 6, limits 2 -+ 11.76."""
    (found,) = bland_altman.agreements([case(1, 12, 10), case(2, 16, 20), case(3, 38, 30)])
    assert found.unit == "pixels"
    assert found.bias == pytest.approx(2)
    assert found.limits == pytest.approx((2 - 1.96 * 6, 2 + 1.96 * 6))
    assert found.means.tolist() == [11, 18, 34]


def test_areas_with_a_spacing_are_in_mm2_and_apart():
    """Pixels of 0.5 x 2 mm have 1 mm2."""
    cases = [case(1, 12, 10, (0.5, 2.0)), case(2, 16, 20, (0.5, 4.0)), case(3, 1, 1), case(4, 2, 1)]
    mm, px = bland_altman.agreements(cases)
    assert (mm.unit, px.unit) == ("mm2", "pixels")
    assert mm.differences.tolist() == [2, -8]


def test_one_image_agrees_with_nothing():
    """Of two with a spacing and one without, only the two are a figure; failed ones are marked."""
    cases = [case(1, 12, 10, (1.0, 1.0)), case(2, 0, 20, (1.0, 1.0), "empty prediction"), case(3, 1, 1)]
    (found,) = bland_altman.agreements(cases)
    assert found.unit == "mm2" and found.failed.tolist() == [False, True]
    assert bland_altman.agreements(cases[:1]) == []


def test_the_caption_has_the_numbers():
    """Bias and limits, signed."""
    (found,) = bland_altman.agreements([case(1, 12, 10), case(2, 16, 20), case(3, 38, 30)])
    drawn = bland_altman.draw(found)
    assert drawn.name == "bland_altman_pixels"
    assert "3 images in pixels: bias +2.0, 95 % limits of agreement -9.8 to +13.8" in drawn.says
