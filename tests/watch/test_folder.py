"""The source that is a folder: what is taken of it, and what is passed over."""

import os
import shutil

import pytest
from pydicom import dcmread

from cxrtk.errors import CxrReadError, DataError
from cxrtk.watch import folder as module
from cxrtk.watch.folder import FolderSource
from tests.watch.conftest import write_dicom


def seen(source):
    """UIDs by study."""
    return {study: sorted(instances) for study, instances in source.look().items()}


def test_radiographs_by_study(tmp_path):
    """Of all folders below, whatever the files are called; others are passed over."""
    write_dicom(tmp_path / "a" / "1.dcm", "1", "1.1")
    write_dicom(tmp_path / "b" / "IM0002", "1", "1.2", modality="")
    write_dicom(tmp_path / "c.dcm", "2", "2.1", modality="CT")
    write_dicom(tmp_path / "d.dcm", "2", "2.2")
    write_dicom(tmp_path / "e.dcm", "3", "3.1", modality="SEG", model="cxrtk")
    write_dicom(tmp_path / "f.dcm", "3", "3.2", modality="DX", model="cxrtk")
    write_dicom(tmp_path / ".g.dcm", "4", "4.1")  # being written
    (tmp_path / "h.png").write_bytes(b"\x89PNG")
    (tmp_path / "i.dcm").write_bytes(b"")
    assert seen(FolderSource(tmp_path)) == {"1": ["1.1", "1.2"], "2": ["2.2"]}
    assert seen(FolderSource(tmp_path, None)) == {"1": ["1.1", "1.2"], "2": ["2.1", "2.2"]}
    assert seen(FolderSource(tmp_path, ["CT"])) == {"2": ["2.1"]}


def test_a_file_that_is_still_being_written(tmp_path, cxrtk_data):
    """It tells by its size and time that it changed, as soon as it has a header."""
    whole = (cxrtk_data / "dicom" / "RG1_UNCI.dcm").read_bytes()
    source = FolderSource(tmp_path)
    versions = []
    for length in (100, 100_000, len(whole)):
        (tmp_path / "a.dcm").write_bytes(whole[:length])
        versions += [version for instances in source.look().values() for version in instances.values()]
    assert len(versions) == len(set(versions)) == 2


def test_files_are_read_once(tmp_path, monkeypatch):
    """As long as they do not change."""
    read = []
    header = module._header
    monkeypatch.setattr(module, "_header", lambda path: read.append(path) or header(path))
    path = write_dicom(tmp_path / "a.dcm")
    source = FolderSource(tmp_path)
    assert source.look() == source.look() and len(read) == 1
    os.utime(path, (1, 1))
    source.look()
    assert len(read) == 2


@pytest.mark.parametrize("uid", ["../../x", "1..2", "", "x"])
def test_uids_that_are_none(tmp_path, uid):
    """They would become names of files."""
    path = write_dicom(tmp_path / "a.dcm")
    dataset = dcmread(path)
    dataset["SOPInstanceUID"]._value = uid
    dataset.save_as(path)
    assert FolderSource(tmp_path).look() == {}


def test_copies(tmp_path):
    """Of the files as they are; one that is gone is an error with its name."""
    path = write_dicom(tmp_path / "in" / "a.dcm")
    source = FolderSource(tmp_path / "in")
    source.look()
    source.fetch("1", ["1.1"], tmp_path)
    assert (tmp_path / "1.1.dcm").read_bytes() == path.read_bytes()
    path.unlink()
    with pytest.raises(CxrReadError):
        source.fetch("1", ["1.1"], tmp_path)


def test_what_is_let_go(tmp_path):
    """Stays, unless the folder is ours."""
    for consume in (False, True):
        path = write_dicom(tmp_path / "a.dcm")
        source = FolderSource(tmp_path, consume=consume)
        source.look()
        source.release(["1.1", "9.9"])
        assert path.exists() is not consume


def test_a_folder_that_is_gone(tmp_path):
    """An error, not an empty folder: it may be a drive that will be back."""
    source = FolderSource(tmp_path / "in")
    (tmp_path / "in").mkdir()
    assert source.look() == {}
    shutil.rmtree(tmp_path / "in")
    with pytest.raises(DataError, match="no such folder"):
        source.look()
