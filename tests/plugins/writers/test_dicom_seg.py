"""DICOM SEG: what other software reads in it, what the standard's checker says, and what it does not hold."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from cxrtk import CxrReadError, Segmentation
from cxrtk.testing import WriterContract
from tests.plugins.writers.dicom_sources import CLASSES, FILES, MODEL, masks_of, segmented
from tests.plugins.writers.dicom_sources import write_seg as write

ROOT = Path(__file__).resolve().parents[3]


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


def test_polarity_has_no_part_in_it(changed, tmp_path):
    """The mask of a MONOCHROME1 image is a mask as any other."""
    one, two = (
        by_hand(write(segmented(changed(PhotometricInterpretation=kind)), tmp_path, kind))
        for kind in ("MONOCHROME1", "MONOCHROME2")
    )
    assert np.array_equal(one, two)


def test_a_class_without_a_code_is_refused(dog, tmp_path):
    """It is named."""
    found = with_masks(segmented(dog), masks_of(169, 211)[:2], ("lungs", "clavicle"))
    with pytest.raises(CxrReadError, match="'clavicle', which has no DICOM code"):
        write(found, tmp_path)


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
