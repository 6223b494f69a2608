"""DICOM SEG: what other software reads in it, what the standard's checker says, and what it does not hold."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.valuerep import TEXT_VR_DELIMS

from cxrtk import CxrReadError, Radiograph, Segmentation, writers
from cxrtk.testing import WriterContract
from tests.plugins.writers.dicom_sources import CLASSES, MODEL, masks_of, segmented

ROOT = Path(__file__).resolve().parents[3]
FILES = [
    "RG1_UNCI",
    "RG1_J2KI",
    "rsna_cr_pa_fake_monochrome1_jpeg",
    "rsna_cr_pa_monochrome2_jpeg",
    "veterinary_dx_thorax_monochrome1",
]


def write(found: Segmentation, folder: Path, name: str = "a") -> Path:
    folder.mkdir(exist_ok=True)
    (path,) = writers.create("dicom_seg").write(found, folder / name)
    return path


def with_masks(found: Segmentation, masks: np.ndarray, classes: tuple[str, ...] = CLASSES) -> Segmentation:
    return Segmentation(**{**vars(found), "masks": masks, "classes": classes})


def by_hand(path: Path) -> np.ndarray:
    """(N, H, W) from the bytes: PS3.5 8.1.1 and annex D put the first pixel into the lowest bit."""
    data = pydicom.dcmread(path)
    shape = (int(data.NumberOfFrames), data.Rows, data.Columns)
    bits = np.unpackbits(np.frombuffer(data.PixelData, np.uint8), bitorder="little")
    return bits[: np.prod(shape)].reshape(shape)


class TestDicomSeg(WriterContract):
    """The contract, with a source to refer to."""

    plugin = "dicom_seg"

    @pytest.fixture
    def segmentation(self, dog):
        return segmented(dog)


@pytest.mark.parametrize("name", FILES)
def test_the_mask_pixel_for_pixel(name, cxrtk_data, tmp_path):
    """As pydicom decodes it and as its bits stand, frame k being class k: no flip, no turn, no shift."""
    found = segmented(cxrtk_data / "dicom" / f"{name}.dcm")
    path = write(found, tmp_path)
    assert np.array_equal(by_hand(path), found.masks)
    assert np.array_equal(pydicom.dcmread(path).pixel_array, found.masks)


@pytest.mark.parametrize("name", FILES)
def test_itk_reads_the_same(name, cxrtk_data, tmp_path, require_module):
    """All pixels, but the last ones that do not fill a byte: those ITK 5.4 leaves undefined."""
    itk = require_module("SimpleITK", "twins")
    found = segmented(cxrtk_data / "dicom" / f"{name}.dcm")
    read = itk.GetArrayFromImage(itk.ReadImage(str(write(found, tmp_path))))
    whole = found.masks.size // 8 * 8
    assert read.shape == found.masks.shape
    assert np.array_equal(read.ravel()[:whole] > 0, found.masks.ravel()[:whole] > 0)


@pytest.mark.parametrize("name", FILES)
def test_the_checker_finds_no_error(name, cxrtk_data, tmp_path, dciodvfy):
    """Real files, with values of their own that it warns of."""
    assert dciodvfy(write(segmented(cxrtk_data / "dicom" / f"{name}.dcm"), tmp_path)) == []


@pytest.mark.parametrize(
    ("masks", "classes"),
    [
        (masks_of(169, 211)[:2], CLASSES[:2]),
        (masks_of(169, 211)[:1], ("lungs",)),
        (np.zeros((3, 169, 211), np.uint8), CLASSES),
        (masks_of(169, 211) * np.array([1, 0, 1], np.uint8)[:, None, None], CLASSES),
    ],
    ids=["without heart", "both lungs in one", "nothing found", "one lung not found"],
)
def test_fewer_segments(dog, tmp_path, dciodvfy, masks, classes):
    """Still a frame for each segment, and no error."""
    path = write(with_masks(segmented(dog), masks, classes), tmp_path)
    assert np.array_equal(by_hand(path), masks)
    assert len(pydicom.dcmread(path).SegmentSequence) == len(classes)
    assert dciodvfy(path) == []


def test_codes(dog, tmp_path):
    """SNOMED CT's, which hold the side; the model by its name and the hash of its weights."""
    data = pydicom.dcmread(write(segmented(dog), tmp_path))
    segments = [
        (
            item.SegmentNumber,
            item.SegmentedPropertyCategoryCodeSequence[0].CodeValue,
            item.SegmentedPropertyTypeCodeSequence[0].CodeValue,
            item.SegmentedPropertyTypeCodeSequence[0].CodingSchemeDesignator,
            item.SegmentAlgorithmType,
        )
        for item in data.SegmentSequence
    ]
    assert segments == [
        (1, "91723000", "3341006", "SCT", "AUTOMATIC"),
        (2, "91723000", "44029006", "SCT", "AUTOMATIC"),
        (3, "91723000", "80891009", "SCT", "AUTOMATIC"),
    ]
    (algorithm,) = data.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence
    assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == (MODEL["name"], MODEL["sha256"])
    assert data.SegmentationType == "BINARY" and data.SegmentsOverlap == "YES"


def test_frames_refer_to_segment_and_source(dog, tmp_path):
    """Frame k is of segment k; each names the image, whose pixels it keeps in place."""
    source, data = pydicom.dcmread(dog), pydicom.dcmread(write(segmented(dog), tmp_path))
    for number, frame in enumerate(data.PerFrameFunctionalGroupsSequence, start=1):
        image = frame.DerivationImageSequence[0].SourceImageSequence[0]
        assert frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
        assert image.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert image.ReferencedSOPClassUID == source.SOPClassUID
        assert image.SpatialLocationsPreserved == "YES"
    assert data.ReferencedSeriesSequence[0].SeriesInstanceUID == source.SeriesInstanceUID


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


def test_polarity_has_no_part_in_it(changed, tmp_path):
    """The mask of a MONOCHROME1 image is a mask as any other."""
    one, two = (
        by_hand(write(segmented(changed(PhotometricInterpretation=kind)), tmp_path, kind))
        for kind in ("MONOCHROME1", "MONOCHROME2")
    )
    assert np.array_equal(one, two)


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


def test_a_class_without_a_code_is_refused(dog, tmp_path):
    """It is named."""
    found = with_masks(segmented(dog), masks_of(169, 211)[:2], ("lungs", "clavicle"))
    with pytest.raises(CxrReadError, match="'clavicle', which has no DICOM code"):
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


def test_the_same_bytes_in_another_process(dog, tmp_path):
    """And at another time."""
    here = write(segmented(dog), tmp_path / "here")
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.plugins.writers.dicom_sources import segmented
from cxrtk import writers
writers.create("dicom_seg").write(segmented(Path({str(dog)!r})), Path({str(tmp_path)!r}) / "there")
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert here.read_bytes() == (tmp_path / "there_seg.dcm").read_bytes()


def test_other_content_has_other_uids(dog, tmp_path):
    """Another mask, another model: two objects, as DICOM demands."""
    found = segmented(dog)
    others = [
        found,
        with_masks(found, found.masks[:, ::-1].copy()),
        Segmentation(**{**vars(found), "model": {**MODEL, "sha256": "f" * 64}}),
    ]
    read = [pydicom.dcmread(write(other, tmp_path, str(number))) for number, other in enumerate(others)]
    assert len({data.SOPInstanceUID for data in read}) == len({data.SeriesInstanceUID for data in read}) == 3


def test_in_a_batch_a_png_loses_nothing_else(cxrtk_command, lung_model, dog, tmp_path):
    """Its mask and measures are there; the manifest says why it has no SEG; the exit code is 3."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "dog.dcm").write_bytes(dog.read_bytes())
    Image.fromarray(np.arange(64 * 48, dtype=np.uint8).reshape(64, 48)).save(folder / "b.png")
    ended = cxrtk_command(
        "segment", "-i", folder, "-o", out, "--model", lung_model, "-ot", "png,json,dicom-seg"
    )
    assert ended.code == 3, ended.err
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert [(line["input"], line["status"], line["code"]) for line in lines] == [
        ("b.png", "failed", "not_dicom"),
        ("dog.dcm", "ok", ""),
    ]
    assert lines[0]["reason"] == "is not a DICOM file, to which a DICOM SEG could refer"
    assert set(lines[0]["outputs"]) == {"b.png", "b.json"} and lines[0]["measures"]
    assert {path.name for path in out.iterdir()} == {
        "b.png", "b.json", "dog.png", "dog.json", "dog_seg.dcm", "manifest.jsonl",
    }  # fmt: skip


def test_highdicom_is_not_imported_without_it(fresh_python):
    """Neither by the other writers nor by what they share."""
    code = (
        "import sys; from cxrtk import derived, writers; [writers.create(n) for n in ('png','json','csv')]; "
        "sys.exit('highdicom' in sys.modules)"
    )
    assert fresh_python("-c", code).code == 0


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


def test_lungs_that_include_the_heart_are_no_lungs_alone(dog, tmp_path, dciodvfy):
    """One segment with a private code and a label of its own; the checker has nothing against it."""
    found = segmented(dog)
    both = found.masks.max(axis=0, keepdims=True)
    included = {"masks": both, "classes": ("lungs",), "convention": "heart-included"}
    path = write(Segmentation(**{**vars(found), **included}), tmp_path)
    (segment,) = pydicom.dcmread(path).SegmentSequence
    (kind,) = segment.SegmentedPropertyTypeCodeSequence
    assert (kind.CodeValue, kind.CodingSchemeDesignator) == ("lungs_and_heart", "99CXRTK")
    assert segment.SegmentLabel == "Lungs and heart"
    assert np.array_equal(by_hand(path), both)
    assert dciodvfy(path) == []
