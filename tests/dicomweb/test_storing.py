"""Storage of derived objects: which files, by which UIDs, and each once."""

import shutil

import pytest
from pydicom import dcmread

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.objects import Instance
from cxrtk.dicomweb.storing import Derived, derived_files, store_all
from cxrtk.errors import CxrReadError
from cxrtk.passes.manifest import Entry
from tests.dicomweb.fake import Answer, found, instance, serving


@pytest.fixture
def file(cxrtk_data):
    """A DICOM file, as good as one of ours."""
    return cxrtk_data / "dicom" / "RG1_UNCI.dcm"


def test_uids_of_a_file(file):
    """As pydicom reads them."""
    header = dcmread(file, stop_before_pixels=True)
    derived = Derived.of(file)
    uids = (header.StudyInstanceUID, header.SeriesInstanceUID, header.SOPInstanceUID)
    assert derived.instance == Instance(*uids, "CR") and derived.sop_class == header.SOPClassUID


def test_a_damaged_file(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"no DICOM at all" * 20)
    with pytest.raises(CxrReadError, match="not a DICOM file"):
        Derived.of(tmp_path / "a.dcm")


def test_which_files_are_stored(tmp_path):
    """DICOM files of radiographs that were segmented; not those of one whose other writer failed."""
    entries = [
        Entry("a", "ok", outputs={"a_seg.dcm": "", "a.png": "", "a_sr.dcm": ""}),
        Entry("b", "failed", outputs={"b_seg.dcm": ""}),
        Entry("c", "left_out"),
    ]
    assert list(derived_files(entries, tmp_path)) == [tmp_path / "a_seg.dcm", tmp_path / "a_sr.dcm"]


def test_what_is_there_is_not_sent(file, tmp_path, quick):
    """By a search for its UIDs, before each."""
    uid = str(dcmread(file, stop_before_pixels=True).SOPInstanceUID)
    held = []

    def respond(asked):
        if asked.method == "POST":
            held.append(uid)
            return Answer(200)
        return found(*(instance(each) for each in held[:1]))

    with serving(respond) as server, Client(address_of(server.url), None, quick) as client:
        shutil.copy(file, tmp_path / "a.dcm")
        assert store_all(client, [tmp_path / "a.dcm"]) == (1, 0)
        assert store_all(client, [tmp_path / "a.dcm"]) == (0, 1)
        assert store_all(client, []) == (0, 0)
    assert len(held) == 1
