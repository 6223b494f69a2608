"""Measures on shapes whose numbers are known by hand, and on a phantom's exact masks."""

import json

import numpy as np
import pytest

from cxrtk import Radiograph, pixels, readers
from cxrtk.inference.segmentation.measures import bounding_box, measure, spacing_reason
from tests.drawn_chest import CLASSES, shapes


def radiograph(spacing=None, source=None, **meta) -> Radiograph:
    return Radiograph(np.zeros((40, 50), np.float32), spacing, source, meta)


def test_areas_by_hand():
    """In pixels, and in mm2 by the spacing of rows and columns."""
    found = measure(shapes(), CLASSES, radiograph((0.5, 0.2), "calibrated"))
    assert found["area_px"] == {"right_lung": 200, "left_lung": 160, "heart": 72}
    assert found["area_mm2"] == {"right_lung": 20.0, "left_lung": 16.0, "heart": 7.2}
    assert (found["spacing_mm"], found["spacing_source"]) == ([0.5, 0.2], "calibrated")
    assert found["right_to_left_lung_area"] == 1.25
    assert found["lung_fraction_of_image"] == pytest.approx(360 / 2000)
    assert found["bounding_box_px"]["left_lung"] == [5, 32, 20, 8]
    assert found["cardiothoracic_ratio"] == pytest.approx(12 / 30)
    json.dumps(found)


def test_without_a_spacing_there_are_no_mm():
    """And the reason is that of the file: a PNG states none."""
    found = measure(shapes(), CLASSES, radiograph(format="PNG"))
    assert set(found["area_mm2"].values()) == {None} and found["spacing_mm"] is None
    assert found["spacing_reason"] == "files of the format PNG state none"


def test_a_spacing_of_zero_is_named_by_its_tag(cxrtk_data):
    """A real file whose PixelSpacing is 0."""
    chest = pixels.read(cxrtk_data / "dicom" / "RG1_UNCI.dcm")
    masks = np.ones((1, *chest.pixels.shape), np.uint8)
    reason = measure(masks, ("lungs",), chest)["spacing_reason"]
    assert "(0028,0030) PixelSpacing = [0.0, 0.0]" in reason


@pytest.mark.parametrize("missing", range(3))
def test_what_is_missing_has_no_ratio(missing):
    """An empty mask: no cardiothoracic ratio, no box, no division by zero."""
    masks = shapes()
    masks[missing] = 0
    found = measure(masks, CLASSES, radiograph())
    assert found["cardiothoracic_ratio"] is None
    assert found["bounding_box_px"][CLASSES[missing]] is None
    assert found["area_px"][CLASSES[missing]] == 0
    assert (found["right_to_left_lung_area"] is None) == (missing == 1)


def test_lungs_as_one_class():
    """Neither sides nor a heart: their measures are None."""
    found = measure(shapes()[:2].max(axis=0)[None], ("lungs",), radiograph())
    assert found["area_px"] == {"lungs": 360}
    assert found["right_to_left_lung_area"] is None and found["cardiothoracic_ratio"] is None


def test_a_box_of_one_pixel():
    """Height and width are 1."""
    mask = np.zeros((5, 6), np.uint8)
    mask[4, 5] = 1
    assert bounding_box(mask) == [4, 5, 1, 1]


def test_a_phantom_of_two_sizes_has_one_area_in_mm(tmp_path):
    """Drawn at 256 and 512 pixels: areas in mm2 agree within 2 %, those in pixels differ fourfold."""
    areas = []
    for size in (256, 512):
        reader = readers.create("phantom", root=tmp_path, count=4, size=size)
        item = reader.items()[0]
        label = reader.read_label(item)
        areas.append(measure(label.masks, label.classes, reader.read(item["image"])))
    small, large = areas
    for name, mm2 in small["area_mm2"].items():
        assert mm2 == pytest.approx(large["area_mm2"][name], rel=0.02)
        assert large["area_px"][name] == pytest.approx(4 * small["area_px"][name], rel=0.02)


def test_how_far_numbers_are_rounded():
    """Ratios to four digits, shares to six, areas in mm2 to one; no further and no less."""
    masks = np.zeros((3, 30, 90), np.uint8)
    masks[0, 0, 0:20] = masks[1, 0, 60:90] = 1  # the chest is 90 wide
    masks[2, 5, 40:51] = 1
    found = measure(masks, CLASSES, Radiograph(np.zeros((30, 90), np.float32), (0.37, 0.41), "detector"))
    assert found["cardiothoracic_ratio"] == 0.1222  # 11 / 90 = 0.12222...
    assert found["right_to_left_lung_area"] == 0.6667
    assert found["lung_fraction_of_image"] == 0.018519  # 50 / 2700
    assert found["area_mm2"] == {"right_lung": 3.0, "left_lung": 4.6, "heart": 1.7}  # of 0.1517 mm2 each


def test_why_there_is_no_spacing():
    """The reader's warnings of spacings, or its reason, or the format; other warnings are none."""
    said = ["window is empty", "PixelSpacing is 0", "ImagerPixelSpacing is 0"]
    assert spacing_reason({"warnings": said}) == "PixelSpacing is 0; ImagerPixelSpacing is 0"
    assert spacing_reason({"warnings": ["window is empty"], "spacing": "none stated"}) == "none stated"
    assert spacing_reason({}) == "files of the format unknown state none"


@pytest.mark.parametrize(
    ("masks", "classes", "reason"),
    [
        (shapes()[:2].max(axis=0)[None], ("lungs",), "there is no mask of the heart"),
        (shapes() * np.array([1, 1, 0], np.uint8)[:, None, None], CLASSES, "no heart was found"),
        (shapes() * np.array([1, 0, 0], np.uint8)[:, None, None], CLASSES, "no heart was found"),
        (shapes() * np.array([0, 1, 1], np.uint8)[:, None, None], CLASSES, "no right lung was found"),
        (shapes(), CLASSES, None),
    ],
)
def test_why_there_is_no_ratio(masks, classes, reason):
    """The first of its structures that is missing; nothing is said where there is one."""
    found = measure(masks, classes, radiograph(ViewPosition="PA"))
    assert (found["cardiothoracic_ratio"] is None, found["cardiothoracic_reason"]) == (bool(reason), reason)


@pytest.mark.parametrize(
    ("meta", "begins"),
    [
        ({"ViewPosition": "PA"}, None),
        ({"ViewPosition": "pa "}, None),
        ({"ViewPosition": "AP"}, "the view is AP: "),
        ({"ViewPosition": ""}, "the view is not stated: "),
        ({"ViewPosition": None}, "the view is not stated: "),
        ({}, "the view is not stated: "),
    ],
)
def test_a_heart_that_may_be_magnified(meta, begins):
    """On all but PA images the ratio is given with a note; without a ratio there is none."""
    note = measure(shapes(), CLASSES, radiograph(**meta))["cardiothoracic_note"]
    assert note is None if begins is None else note.startswith(begins) and "magnified" in note
    assert measure(shapes()[:2], CLASSES[:2], radiograph(**meta))["cardiothoracic_note"] is None


def test_a_heart_in_doubt_has_no_measures():
    """Its area, box and ratio are not given, with the reason; the lungs' measures are."""
    image = radiograph((0.5, 0.2), "calibrated")
    plain = measure(shapes(), CLASSES, image)
    found = measure(shapes(), CLASSES, image, "the heart may be wrong: it is ragged")
    assert plain["area_px"]["heart"] > 0 and plain["cardiothoracic_ratio"] is not None
    assert found["area_px"]["heart"] is None and found["bounding_box_px"]["heart"] is None
    assert found["area_mm2"]["heart"] is None and found["cardiothoracic_ratio"] is None
    assert found["cardiothoracic_reason"] == "the heart may be wrong: it is ragged"
    assert found["cardiothoracic_interval"] is None and found["cardiothoracic_note"] is None
    assert found["area_px"]["right_lung"] == plain["area_px"]["right_lung"]
    assert found["lung_fraction_of_image"] == plain["lung_fraction_of_image"]


def test_a_ratio_has_the_interval_that_is_given():
    """Of the ratio itself; without one there is none."""
    found = measure(shapes(), CLASSES, radiograph(), None, lambda ratio: [ratio - 0.1, ratio + 0.1])
    ratio = found["cardiothoracic_ratio"]
    assert found["cardiothoracic_interval"] == [ratio - 0.1, ratio + 0.1]
    assert measure(shapes(), CLASSES, radiograph())["cardiothoracic_interval"] is None
