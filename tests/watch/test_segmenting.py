"""Segmentation of a study: the objects of `cxrtk segment`, and what is said of each file."""

import shutil

import pytest
from pydicom import dcmread

from cxrtk.watch.segmenting import Segmenting


@pytest.fixture(scope="module")
def segmenting():
    return Segmenting({"model": "lungs"}, [])


def test_a_study(segmenting, tmp_path, cxrtk_data, process_as_it_was):
    """SEG and SR of the radiograph, the same each time; a damaged file fails, a report is left out."""
    folder = tmp_path / "in"
    folder.mkdir()
    whole = cxrtk_data / "dicom" / "RG1_UNCI.dcm"
    shutil.copy(whole, folder / "1.1.dcm")
    (folder / "1.2.dcm").write_bytes(whole.read_bytes()[:100_000])
    first = segmenting(folder, tmp_path / "a")
    assert first.done == ["1.1"] and list(first.failures) == ["1.2"]
    assert [dcmread(path).Modality for path in first.files] == ["SEG", "SR"]
    shutil.copy(first.files[1], folder / "1.2.dcm")
    second = segmenting(folder, tmp_path / "b")
    assert second.done == ["1.1", "1.2"] and second.failures == {}
    assert [one.read_bytes() for one in second.files] == [one.read_bytes() for one in first.files]


def test_for_what_a_study_is_segmented_once(segmenting):
    """The model, its weights and version, and settings of the masks; not the library that computes."""
    made_by = segmenting.made_by
    assert all(word in made_by for word in ("sha256", "version", "threshold", "convention"))
    assert "backend" not in made_by and "precision" not in made_by
