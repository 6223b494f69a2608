"""Segmentations and reports as highdicom, a reader of its own, reads them back."""

import highdicom
import numpy as np
import pydicom
import pytest

import cxrtk
from cxrtk.inference.segmentation.writing import save


@pytest.fixture(scope="module")
def written(cxrtk_data, tmp_path_factory):
    """A radiograph, its segmentation, and the two objects that were made of it."""
    source = cxrtk_data / "dicom" / "RG1_UNCI.dcm"
    made = cxrtk.segment(source)
    seg, sr = save(made, tmp_path_factory.mktemp("out") / "a", ("dicom-seg", "dicom-sr"))
    return pydicom.dcmread(source, stop_before_pixels=True), made, seg, sr


def test_the_segments_are_the_masks(written):
    """By the instance that they were made from, named in the words of the standard."""
    source, made, seg, _ = written
    read = highdicom.seg.segread(seg)
    pixels = read.get_pixels_by_source_instance([source.SOPInstanceUID])[0]
    assert np.array_equal(np.moveaxis(pixels, -1, 0), made.masks)
    labels = [read.get_segment_description(number).segment_label for number in read.segment_numbers]
    assert labels == ["Right lung", "Left lung", "Heart"]


def test_the_report_holds_measurements(written):
    """Groups of TID 1500, one for each structure and one of the image."""
    *_, sr = written
    groups = highdicom.sr.srread(sr).content.get_image_measurement_groups()
    assert [len(group.get_measurements()) for group in groups] == [1, 1, 1, 6]
