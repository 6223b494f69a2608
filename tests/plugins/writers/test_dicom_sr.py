"""DICOM SR: the numbers that other software reads in it, their units, what the standard's checker says."""

import subprocess
from dataclasses import replace

import pydicom
import pytest
from PIL import Image

from cxrtk import CxrReadError, Segmentation, writers
from cxrtk.inference.segmentation.measures import measure
from cxrtk.testing import WriterContract
from tests.plugins.writers.dicom_sources import CLASSES, MODEL, segmented

FILES = ["RG1_UNCI", "rsna_cr_pa_monochrome2_jpeg", "veterinary_dx_thorax_monochrome1"]


def write(found, folder):
    (path,) = writers.create("dicom_sr").write(found, folder / "a")
    return path


def groups(path):
    """Tracking identifier -> concept -> (value, unit, method) or code, as pydicom's data sets nest."""
    content = pydicom.dcmread(path).ContentSequence
    (measurements,) = (item for item in content if item.ValueType == "CONTAINER")
    found = {}
    for group in measurements.ContentSequence:
        texts = {meaning(item): item for item in group.ContentSequence}
        name = texts["Tracking Identifier"].TextValue
        found[name] = {
            meaning(item): read(item) for item in group.ContentSequence if item.ValueType in ("NUM", "CODE")
        }
    return found


def meaning(item):
    return item.ConceptNameCodeSequence[0].CodeMeaning


def read(item):
    if item.ValueType == "CODE":
        return item.ConceptCodeSequence[0].CodeValue
    (value,) = item.MeasuredValueSequence
    methods = [more.ConceptCodeSequence[0].CodeValue for more in item.get("ContentSequence", ())]
    return float(value.NumericValue), value.MeasurementUnitsCodeSequence[0].CodeValue, *methods


class TestDicomSr(WriterContract):
    """The contract, with a source to refer to."""

    plugin = "dicom_sr"

    @pytest.fixture
    def segmentation(self, dog):
        return segmented(dog)


@pytest.mark.parametrize("name", FILES)
def test_the_checker_finds_no_error(name, cxrtk_data, tmp_path, dciodvfy):
    """Of files with and without a usable spacing."""
    assert dciodvfy(write(segmented(cxrtk_data / "dicom" / f"{name}.dcm"), tmp_path)) == []


def test_areas_in_pixels(cxrtk_data, tmp_path):
    """Where PixelSpacing is 0: the number of pixels, counted here, in a unit that says so."""
    found = segmented(cxrtk_data / "dicom" / "RG1_UNCI.dcm")
    read = groups(write(found, tmp_path))
    for name, mask in zip(CLASSES, found.masks, strict=True):
        assert read[name]["Area"] == (float(mask.sum()), "{pixels}")


@pytest.mark.parametrize(
    ("tags", "mm2", "method"),
    [
        ({"PixelSpacing": [0.5, 0.4], "ImagerPixelSpacing": None}, 0.2, "mm_unspecified"),
        ({"PixelSpacing": [0.5, 0.4], "ImagerPixelSpacing": [0.6, 0.6]}, 0.2, "mm_calibrated"),
        ({"PixelSpacing": None, "ImagerPixelSpacing": [0.5, 0.4]}, 0.2, "mm_detector"),
        (
            {
                "PixelSpacing": None,
                "ImagerPixelSpacing": [0.5, 0.4],
                "EstimatedRadiographicMagnificationFactor": 2,
            },
            0.05,
            "mm_magnified",
        ),
    ],
)
def test_areas_in_mm(changed, tmp_path, tags, mm2, method):
    """Pixels times the area of one, to 0.05 mm²; the method says where the spacing is from."""
    found = segmented(changed(**tags))
    read = groups(write(found, tmp_path))
    for name, mask in zip(CLASSES, found.masks, strict=True):
        area, *said = read[name]["Area"]
        assert area == pytest.approx(mask.sum() * mm2, abs=0.051) and said == ["mm2", method]


def test_sides_ratios_and_the_flag(dog, tmp_path):
    """Codes with their sides; ratios of counted pixels; the flag as a code, the score as a number."""
    found = segmented(dog)
    right, left, heart = (int(mask.sum()) for mask in found.masks)
    lungs = (found.masks[0] | found.masks[1]).mean()
    read = groups(write(found, tmp_path))
    assert [read[name]["Finding"] for name in CLASSES] == ["3341006", "44029006", "80891009"]
    assert len({right, left, heart}) == 3
    assert read["chest"]["Area of right lung to left lung"] == (
        pytest.approx(right / left, abs=1e-4),
        "{ratio}",
    )
    assert read["chest"]["Area of lungs to image"] == (pytest.approx(lungs, abs=1e-6), "{ratio}")
    assert read["chest"]["Cardiothoracic ratio"] == (found.measures["cardiothoracic_ratio"], "{ratio}")
    assert read["chest"]["Quality of segmentation"] == "quality_review"
    assert read["chest"]["Quality score"] == (0.4321, "1")


def test_what_is_not_known_is_left_out(dog, tmp_path, dciodvfy):
    """Without a quality flag and without a heart there is no code, no number and no zero for them."""
    found = segmented(dog)
    measures = {**found.measures, "cardiothoracic_ratio": None, "right_to_left_lung_area": None}
    path = write(Segmentation(**{**vars(found), "measures": measures, "quality": {}}), tmp_path)
    chest = groups(path)["chest"]
    assert set(chest) == {"Finding", "Finding Site", "Algorithm Family", "Area of lungs to image"}
    assert dciodvfy(path) == []


def test_a_heart_in_doubt(dog, tmp_path, dciodvfy):
    """It has a flag, and no group with an area; there is no ratio either."""
    found = segmented(dog)
    areas = {**found.measures["area_px"], "heart": None}
    measures = {**found.measures, "area_px": areas, "cardiothoracic_ratio": None}
    quality = {**found.quality, "organs": {"lungs": "ok", "heart": "review"}}
    path = write(Segmentation(**{**vars(found), "measures": measures, "quality": quality}), tmp_path)
    read = groups(path)
    assert set(read) == {"right_lung", "left_lung", "chest"}
    assert read["chest"]["Quality of masks of lungs"] == "quality_ok"
    assert read["chest"]["Quality of mask of heart"] == "quality_review"
    assert "Cardiothoracic ratio" not in read["chest"]
    assert dciodvfy(path) == []


def test_the_interval_of_the_ratio(dog, tmp_path):
    """Its ends are two numbers beside the ratio."""
    found = segmented(dog)
    measures = {**found.measures, "cardiothoracic_interval": [0.44, 0.51]}
    read = groups(write(Segmentation(**{**vars(found), "measures": measures}), tmp_path))["chest"]
    assert read["Cardiothoracic ratio, lower end of 90 % interval"] == (0.44, "{ratio}")
    assert read["Cardiothoracic ratio, upper end of 90 % interval"] == (0.51, "{ratio}")


def test_dcmtk_reads_it(dog, tmp_path, require_program):
    """A second library finds the template's tree without a complaint, and the same numbers."""
    require_program("dsrdump", "dcmtk")
    found = segmented(dog)
    ended = subprocess.run(["dsrdump", write(found, tmp_path)], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0 and not ended.stderr
    for area in found.measures["area_mm2"].values():
        assert f'"Area")="{area}" (mm2,UCUM,"square millimeter")' in ended.stdout
    assert "UNVERIFIED" in ended.stdout and "PRELIMINARY" in ended.stdout


def test_it_refers_to_the_image_of_the_same_study(dog, tmp_path):
    """As evidence, and in each group; patient and study are the source's."""
    source, data = pydicom.dcmread(dog), pydicom.dcmread(write(segmented(dog), tmp_path))
    (study,) = data.CurrentRequestedProcedureEvidenceSequence
    image = study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert (data.PatientID, data.StudyInstanceUID) == (source.PatientID, source.StudyInstanceUID)
    assert data.Modality == "SR" and data.SeriesInstanceUID != source.SeriesInstanceUID


def test_no_comment_of_the_source(dog, tmp_path):
    """The manufacturer, the protocol and the comments stay where they are; the patient is named."""
    content, source = write(segmented(dog), tmp_path).read_bytes(), dog.read_bytes()
    assert b"Dog^AVeryGood" in content and MODEL["sha256"].encode() in content
    for text in (b"FUJIFILM", b"CANINE LATERAL", b"DR-ID 300CL", b"Veterinarian"):
        assert text in source and text not in content


def test_a_png_has_no_study(tmp_path):
    """One line."""
    Image.new("L", (64, 48)).save(tmp_path / "a.png")
    with pytest.raises(CxrReadError, match="is not a DICOM file, to which a DICOM SR could refer"):
        write(segmented(tmp_path / "a.png"), tmp_path)


def test_lungs_that_include_the_heart_have_a_code_of_their_own(dog, tmp_path, dciodvfy):
    """And there is no ratio of sides or of the heart."""
    found = segmented(dog)
    both = found.masks.max(axis=0, keepdims=True)
    measures = measure(both, ("lungs",), found.radiograph)
    included = {"masks": both, "classes": ("lungs",), "convention": "heart-included", "measures": measures}
    path = write(Segmentation(**{**vars(found), **included}), tmp_path)
    read = groups(path)
    assert read["lungs"]["Finding"] == "lungs_and_heart"
    assert not {"Cardiothoracic ratio", "Area of right lung to left lung"} & set(read["chest"])
    assert dciodvfy(path) == []


@pytest.mark.parametrize("view", ["PA", "AP"])
def test_a_ratio_that_is_not_comparable_is_marked(dog, tmp_path, dciodvfy, view):
    """By a coded evaluation beside it, on all but PA images."""
    found = segmented(dog)
    radiograph = replace(found.radiograph, meta={**found.radiograph.meta, "ViewPosition": view})
    measures = measure(found.masks, CLASSES, radiograph)
    path = write(Segmentation(**{**vars(found), "measures": measures}), tmp_path)
    chest = groups(path)["chest"]
    expected = None if view == "PA" else "ctr_not_with_pa"
    assert chest.get("Comparability of cardiothoracic ratio") == expected
    assert chest["Cardiothoracic ratio"] == (measures["cardiothoracic_ratio"], "{ratio}")
    assert dciodvfy(path) == []
