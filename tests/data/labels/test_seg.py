"""DICOM segmentations: those of highdicom, and variants made by hand."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import drawn
import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

from cxrtk import CxrReadError, labels, pixels

CODES = {
    "right lung": hd.sr.CodedConcept("3341006", "SCT", "Right lung"),
    "left lung": hd.sr.CodedConcept("44029006", "SCT", "Left lung"),
    "lung": hd.sr.CodedConcept("39607008", "SCT", "Lung"),
    "old right lung": hd.sr.CodedConcept("T-28100", "SRT", "Right lung"),
    "tissue": hd.sr.CodedConcept("85756007", "SCT", "Tissue"),
}


def dx(path: Path) -> Dataset:
    """A radiograph of the size of the masks."""
    data = Dataset()
    data.file_meta = pydicom.dataset.FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = (
        pydicom.uid.DigitalXRayImageStorageForPresentation
    )
    data.SOPInstanceUID, data.StudyInstanceUID, data.SeriesInstanceUID = (generate_uid() for _ in range(3))
    data.PatientID = data.PatientName = data.PatientBirthDate = data.PatientSex = data.AccessionNumber = ""
    data.StudyID = data.StudyDate = data.StudyTime = data.ReferringPhysicianName = ""
    data.Modality, data.PhotometricInterpretation = "DX", "MONOCHROME2"
    (data.Rows, data.Columns), data.SamplesPerPixel = drawn.SIZE, 1
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.PixelData = np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1)).tobytes()
    data.save_as(path, enforce_file_format=True)
    return data


def seg(
    path: Path,
    image: Dataset,
    masks: np.ndarray = drawn.MASKS,
    names: tuple[str, ...] = ("right lung", "left lung"),
    kind: str = "BINARY",
    segment_labels: tuple[str, ...] | None = None,
    **settings: Any,
) -> Path:
    """A segmentation that highdicom writes, of (C, H, W) masks."""
    described = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=(segment_labels or names)[number - 1],
            segmented_property_category=codes.SCT.AnatomicalStructure,
            segmented_property_type=CODES[name],
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        )
        for number, name in enumerate(names, 1)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pixels without a plane, as those of all radiographs
        made = hd.seg.Segmentation(
            source_images=[image],
            pixel_array=masks if kind == "LABELMAP" else np.moveaxis(masks, 0, -1)[None],
            segmentation_type=kind,
            segment_descriptions=described,
            series_instance_uid=generate_uid(),
            series_number=1,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer="a",
            manufacturer_model_name="b",
            software_versions="c",
            device_serial_number="d",
            omit_empty_frames=False,
            **settings,
        )
        made.save_as(path)
    return path


@pytest.fixture
def image(tmp_path: Path) -> Dataset:
    return dx(tmp_path / "image.dcm")


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_segments_by_their_codes(tmp_path: Path, image: Dataset, kind: str, syntax: str) -> None:
    """The two lungs, whatever their labels say, on the image that they refer to."""
    if kind == "BINARY" and syntax == RLELossless:
        pytest.skip("one bit a pixel is not compressed")
    masks = drawn.MASKS if kind == "BINARY" else drawn.MASKS.astype(np.float32)
    path = seg(
        tmp_path / "a.dcm", image, masks, kind=kind, segment_labels=("x", "y"), transfer_syntax_uid=syntax
    )
    assert labels.is_seg(path)
    assert not labels.is_seg(tmp_path / "image.dcm")
    named = labels.read_seg(path, image=tmp_path / "image.dcm")
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, drawn.MASKS)
    assert np.array_equal(pixels.read_mask(path), drawn.MASKS.max(axis=0))


def test_fractions_are_cut_at_the_half(tmp_path: Path, image: Dataset) -> None:
    """Half is outside, a little more is inside."""
    masks = np.zeros((1, *drawn.SIZE), np.float32)
    masks[0, 3], masks[0, 4], masks[0, 5] = 0.4, 0.6, 1.0
    path = seg(tmp_path / "a.dcm", image, masks, ("lung",), "FRACTIONAL", max_fractional_value=200)
    rows = labels.read_seg(path).masks[0].any(axis=1)
    assert np.flatnonzero(rows).tolist() == [4, 5]


def test_a_label_map(tmp_path: Path, image: Dataset) -> None:
    """One frame of segment numbers."""
    numbers = (drawn.MASKS[0] + 2 * drawn.MASKS[1])[None]
    path = seg(tmp_path / "a.dcm", image, numbers, kind="LABELMAP")
    named = labels.read_seg(path)
    assert named.classes == drawn.CLASSES
    assert np.array_equal(named.masks, drawn.MASKS)


@pytest.mark.parametrize(
    ("name", "label", "wanted"),
    [
        ("lung", "both", "lungs"),
        ("lung", "Left lung", "left_lung"),
        ("old right lung", "x", "right_lung"),
        ("tissue", "Lungs", "lungs"),
        ("tissue", "Segment_1", "segment_1"),
        ("tissue", "mine", "heart"),
    ],
)
def test_the_class_of_a_segment(tmp_path: Path, image: Dataset, name: str, label: str, wanted: str) -> None:
    """By its code, by its label where the code says less, or by the caller's names."""
    path = seg(tmp_path / "a.dcm", image, drawn.MASKS[:1], (name,), segment_labels=(label,))
    assert labels.read_seg(path, names={"mine": "heart"}).classes == (wanted,)


def test_laterality_as_a_modifier(tmp_path: Path, image: Dataset) -> None:
    """Older objects code the lung, and the side apart."""
    path = seg(tmp_path / "a.dcm", image, drawn.MASKS[:1], ("lung",))
    data = pydicom.dcmread(path)
    side = Dataset()
    side.CodeValue, side.CodingSchemeDesignator, side.CodeMeaning = "7771000", "SCT", "Left"
    data.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [
        side
    ]
    data.save_as(path)
    assert labels.read_seg(path).classes == ("left_lung",)


def test_another_image_is_refused(tmp_path: Path, image: Dataset) -> None:
    """By its UID, and not by its name; a PNG has none, so that only the size can be compared."""
    path = seg(tmp_path / "a.dcm", image)
    dx(tmp_path / "other.dcm")
    with pytest.raises(CxrReadError, match=r"a\.dcm: refers to another image, by its UID"):
        labels.read_seg(path, image=tmp_path / "other.dcm")
    drawn.image(tmp_path / "a.png")
    assert labels.read_seg(path, image=tmp_path / "a.png").classes == drawn.CLASSES


def changed(path: Path, **values: Any) -> Path:
    data = pydicom.dcmread(path)
    for keyword, value in values.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    data.save_as(path)
    return path


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        ({"SegmentationType": "ODD"}, "damaged", "SegmentationType"),
        ({"Rows": 60_000, "Columns": 60_000}, "too_large", "60000 x 60000"),
        ({"Rows": 9000, "Columns": 9000}, "multi_frame", "2 frames of 9000 x 9000"),
        ({"Rows": 4000, "Columns": 4000}, "truncated", "of pixels"),
        ({"NumberOfFrames": 5000}, "multi_frame", "5000 frames"),
        ({"NumberOfFrames": 3}, "damaged", "describes 2 of 3 frames"),
        ({"SegmentSequence": []}, "damaged", "describes 0 segments"),
        ({"SegmentSequence": None}, "damaged", "describes 0 segments"),
        ({"PerFrameFunctionalGroupsSequence": []}, "damaged", "does not say of which segment"),
        ({"PixelData": None}, "no_image", "no pixel data"),
        ({"Rows": None}, "damaged", "damaged segmentation"),
    ],
)
def test_what_is_damaged_is_refused(
    tmp_path: Path, image: Dataset, values: dict[str, Any], code: str, said: str
) -> None:
    """One line with the file, the fault and a cure."""
    path = changed(seg(tmp_path / "a.dcm", image), **values)
    with pytest.raises(CxrReadError, match=said) as error:
        labels.read_seg(path)
    assert (error.value.code, error.value.path) == (code, str(path))
    assert error.value.cure


def test_a_segment_of_two_images_is_refused(tmp_path: Path, image: Dataset) -> None:
    """Frames of several images have no place on one."""
    path = seg(tmp_path / "a.dcm", image)
    data = pydicom.dcmread(path)
    second = data.PerFrameFunctionalGroupsSequence[1]
    second.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID = "1.2.3"
    data.save_as(path)
    with pytest.raises(CxrReadError, match="segments of several images"):
        labels.read_seg(path)
    named = labels.read_seg(path, image=tmp_path / "image.dcm")
    assert np.array_equal(named.masks, [drawn.MASKS[0], drawn.MASKS[1] * 0])


def test_a_segment_that_is_not_described_is_refused(tmp_path: Path, image: Dataset) -> None:
    """The frame is named."""
    path = seg(tmp_path / "a.dcm", image)
    data = pydicom.dcmread(path)
    data.PerFrameFunctionalGroupsSequence[1].SegmentIdentificationSequence[0].ReferencedSegmentNumber = 7
    data.save_as(path)
    with pytest.raises(CxrReadError, match="frame 2 is of segment 7"):
        labels.read_seg(path)


def test_a_radiograph_is_no_segmentation(tmp_path: Path, image: Dataset) -> None:
    """It is refused as such."""
    with pytest.raises(CxrReadError, match="not a DICOM segmentation"):
        labels.read_seg(tmp_path / "image.dcm")
