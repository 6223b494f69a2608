"""A derived DICOM object takes patient, study and geometry from its source; unusable sources are refused."""

import logging
import re

import numpy as np
import pydicom
import pytest
from pydicom.valuerep import TEXT_VR_DELIMS

from cxrtk import CxrReadError, Radiograph, Segmentation
from tests.plugins.writers.dicom_sources import FILES, segmented
from tests.plugins.writers.dicom_sources import write_seg as write


def test_patient_and_study_are_the_sources(dog, tmp_path):
    """Value for value; the series, the instance and the modality are its own."""
    source, data = pydicom.dcmread(dog), pydicom.dcmread(write(segmented(dog), tmp_path))
    for keyword in (
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
        "StudyTime", "AccessionNumber", "StudyID", "ReferringPhysicianName",
    ):  # fmt: skip
        assert data[keyword].value == source[keyword].value, keyword
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "SOPClassUID", "Modality"):
        assert data[keyword].value != source[keyword].value, keyword


@pytest.mark.parametrize("name", FILES)
def test_no_other_text_leaves(name, cxrtk_data, tmp_path, caplog):
    """Comments, institutions, stations, devices, histories: none is in the SEG, none in any log."""
    path = cxrtk_data / "dicom" / f"{name}.dcm"
    source = pydicom.dcmread(path, stop_before_pixels=True)
    kept = "Patient(Name|ID|BirthDate|Sex)|StudyID|AccessionNumber|ReferringPhysicianName"
    texts = {
        str(value).encode()
        for element in source.iterall()
        if element.VR in (*TEXT_VR_DELIMS, "LO", "SH", "LT", "ST", "UT", "PN")
        and not re.fullmatch(kept, element.keyword)
        for value in (element.value if element.VM > 1 else [element.value])
        if len(str(value)) > 5
    }
    found = segmented(path)
    with caplog.at_level(logging.DEBUG):
        content = write(found, tmp_path).read_bytes()
    assert [text for text in texts if text in content] == []
    assert str(source.PatientID) not in caplog.text and str(source.SOPInstanceUID) not in caplog.text


def test_no_geometry_is_invented(cxrtk_data, tmp_path):
    """No plane, no position, no frame of reference, no spacing of 0 or of 1, in any sequence."""
    for name in FILES:
        data = pydicom.dcmread(write(segmented(cxrtk_data / "dicom" / f"{name}.dcm"), tmp_path))
        keywords = {element.keyword for element in data.iterall()}
        assert not keywords & {
            "ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "PixelSpacing",
            "SliceThickness", "ImagerPixelSpacing", "SpacingBetweenSlices",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("tags", "ratio"),
    [
        ({"PixelSpacing": [0.2, 0.1]}, [2000, 1000]),
        ({"PixelSpacing": None, "ImagerPixelSpacing": [0.1, 0.25]}, [1000, 2500]),
        ({"PixelSpacing": None, "ImagerPixelSpacing": None, "PixelAspectRatio": [3, 2]}, [1500, 1000]),
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": None}, None),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": None}, None),
    ],
)
def test_pixels_that_are_not_square(changed, tmp_path, dciodvfy, tags, ratio):
    """Rows to columns, as PS3.3 C.7.6.3.1.7 has it, whatever says so; no word where they are square."""
    path = write(segmented(changed(**tags)), tmp_path)
    found = pydicom.dcmread(path).get("PixelAspectRatio")
    assert (None if found is None else [int(side) for side in found]) == ratio
    assert dciodvfy(path) == []


def test_a_turned_image_keeps_its_matrix(changed, tmp_path):
    """PatientOrientation is copied, the masks are not turned; without one it is there and empty."""
    path = changed(PatientOrientation=["F", "R"])
    found = segmented(path)
    data = pydicom.dcmread(write(found, tmp_path))
    assert list(data.PatientOrientation) == ["F", "R"]
    assert np.array_equal(data.pixel_array, found.masks)
    without = pydicom.dcmread(write(segmented(changed(PatientOrientation="UP DOWN")), tmp_path))
    assert "PatientOrientation" in without and not without.PatientOrientation


@pytest.mark.parametrize(
    "keyword", ["SOPInstanceUID", "SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID"]
)
@pytest.mark.parametrize(
    ("value", "said"), [(None, "has no UID"), ("", "has no UID"), ("doe", "that is none")]
)
@pytest.mark.filterwarnings("ignore:.*nvalid value for VR UI")
def test_a_missing_uid_is_refused(changed, tmp_path, keyword, value, said):
    """One line, which names the attribute; nothing is written."""
    path = changed(**{keyword: value})
    with pytest.raises(CxrReadError) as caught:
        write(segmented(path), tmp_path / "out")
    assert said in str(caught.value) and f" {keyword}" in str(caught.value) and "doe" not in str(caught.value)
    assert "\n" not in str(caught.value) and caught.value.cure
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.filterwarnings("ignore:.*nvalid value for VR UI")
def test_uids_with_leading_zeros_are_referred_to(changed, tmp_path):
    """The standard forbids them and archives hold them; a reference must be to what is there."""
    data = pydicom.dcmread(write(segmented(changed(StudyInstanceUID="1.2.034.5")), tmp_path))
    assert data.StudyInstanceUID == "1.2.034.5"


def test_a_multi_frame_source_is_refused(dog, changed, tmp_path):
    """One of several frames was segmented, and nothing says which."""
    found = Segmentation(**{**vars(segmented(dog)), "source": changed(NumberOfFrames=3)})
    with pytest.raises(CxrReadError, match=r"3 frames.*\(0028,0008\) NumberOfFrames = 3"):
        write(found, tmp_path)


def test_another_image_than_the_one_segmented_is_refused(dog, cxrtk_data, tmp_path):
    """A file replaced after it was read, where the size tells."""
    other = cxrtk_data / "dicom" / "RG1_UNCI.dcm"
    found = Segmentation(**{**vars(segmented(dog)), "source": other})
    with pytest.raises(CxrReadError, match="1955 x 1841 pixels, but 169 x 211 were segmented"):
        write(found, tmp_path)


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Müller^Jörg"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
        ("ISO_IR 192", "图^🩻"),
        (None, "Plain^Name"),
    ],
)
def test_names_keep_their_bytes(changed, tmp_path, charset, name):
    """In the character set of the source, which the SEG states too."""
    path = changed(SpecificCharacterSet=charset, PatientName=name)
    raw, copied = (
        pydicom.dcmread(file).get_item("PatientName").value
        for file in (path, write(segmented(path), tmp_path))
    )
    assert raw.rstrip() == copied.rstrip() and len(raw) > 5
    assert str(pydicom.dcmread(tmp_path / "a_seg.dcm").PatientName) == name


def test_what_the_source_lacks_is_empty(changed, tmp_path, dciodvfy):
    """Type 2 attributes are there without a value; a date must have one, 1900, not today."""
    nothing = dict.fromkeys(
        ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "AccessionNumber",
         "StudyDate", "StudyTime", "SeriesDate", "AcquisitionDate", "ContentDate", "ReferringPhysicianName"]
    )  # fmt: skip
    path = write(segmented(changed(**nothing)), tmp_path)
    data = pydicom.dcmread(path)
    assert "PatientID" in data and not data.PatientID and not data.StudyDate
    assert (data.ContentDate, data.ContentTime) == ("19000101", "000000")
    assert dciodvfy(path) == []


def test_the_date_is_the_images(dog, changed, tmp_path):
    """No clock: else a continued batch would differ. The time is of the attribute that has the date."""
    data = pydicom.dcmread(write(segmented(dog), tmp_path))
    assert (data.ContentDate, data.ContentTime) == ("20200125", "105000.458")
    older = changed(ContentDate=None, AcquisitionDate="19991231", AcquisitionTime="010203")
    data = pydicom.dcmread(write(segmented(older), tmp_path))
    assert (data.ContentDate, data.ContentTime) == ("19991231", "010203")


def test_a_radiograph_without_pixels_of_its_own_size(dog, tmp_path):
    """The mask must fit the file, not only the radiograph that a reader made of it."""
    found = segmented(dog)
    small = Segmentation(
        **{
            **vars(found),
            "radiograph": Radiograph(found.radiograph.pixels[:-1]),
            "masks": found.masks[:, :-1],
        }
    )
    with pytest.raises(CxrReadError, match=r"\(0028,0010\) Rows = 169"):
        write(small, tmp_path)
