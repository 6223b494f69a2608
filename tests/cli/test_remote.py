"""`cxrtk segment` with addresses: the same outputs as on files, and what a server receives."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.orthanc import PASSWORD, USER

FILES = ("RG1_UNCI.dcm", "RG1_J2KI.dcm")
FORMATS = "png,json,csv,dicom-seg,dicom-sr"


@pytest.fixture
def study(orthanc, cxrtk_data):
    """The address of a real study on a server, which has a report beside the radiograph."""
    orthanc.put(cxrtk_data / "dicom" / FILES[0])
    header = dcmread(cxrtk_data / "dicom" / FILES[0], stop_before_pixels=True)
    return f"{orthanc.url}/studies/{header.StudyInstanceUID}"


@pytest.fixture
def radiograph(cxrtk_data):
    """Header of the radiograph of `study`."""
    return dcmread(cxrtk_data / "dicom" / FILES[0], stop_before_pixels=True)


def digests(folder):
    """SHA-256 of each file, by its path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_the_outputs_are_those_of_the_same_files(cxrtk_command, tmp_path, study, radiograph, cxrtk_data):
    """To the byte, manifest and tables as well; and nothing of what was fetched is left."""
    (tmp_path / "in").mkdir()
    shutil.copy(cxrtk_data / "dicom" / FILES[0], tmp_path / "in" / f"{radiograph.SOPInstanceUID}.dcm")
    how = ["-ot", FORMATS, "-q"]
    series = f"{study}/series/{radiograph.SeriesInstanceUID}"
    for number, address in enumerate(
        [tmp_path / "in", study, series, f"{series}/instances/{radiograph.SOPInstanceUID}"]
    ):
        ended = cxrtk_command("segment", "-i", address, "-o", tmp_path / str(number), *how)
        assert ended.code == 0, ended.err
        assert digests(tmp_path / str(number)) == digests(tmp_path / "0")
    assert len(digests(tmp_path / "0")) == 7
    left = Path(tempfile.gettempdir()).glob("cxrtk-dicomweb-*")
    assert not [path for path in left if any(path.rglob(f"{radiograph.SOPInstanceUID}*"))]


def test_seg_and_sr_are_stored_once(cxrtk_command, tmp_path, orthanc, study):
    """With the bytes of the files, and not again by the same command; no output shows a credential."""
    words = ["segment", "-i", study, "--store", orthanc.url]
    first = cxrtk_command(*words, "-o", tmp_path / "a", "--json")
    assert first.code == 0, first.err
    assert json.loads(first.out)["stored"] == 2
    assert sorted(orthanc.objects().values()) == ["CR", "SEG", "SR"]
    for path in (tmp_path / "a").glob("*.dcm"):
        assert orthanc.file(str(dcmread(path).SOPInstanceUID)) == path.read_bytes()
    again = cxrtk_command(*words, "-o", tmp_path / "b")
    assert again.code == 0 and "0 objects stored" in again.err and "2 already present" in again.err
    assert len(orthanc.changes()) == 3
    everything = first.out + first.err + again.err
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PASSWORD not in everything and PASSWORD.encode() not in files and USER.encode() not in files


def test_the_results_of_a_study_are_no_radiographs(cxrtk_command, tmp_path, orthanc, study, caplog):
    """SEG and SR beside the image are left out by their modality, and a line says so."""
    words = ["segment", "-i", study, "--store", orthanc.url, "-q", "-ot", "dicom-seg"]
    assert cxrtk_command(*words, "-o", tmp_path / "a").code == 0
    ended = cxrtk_command(*words, "-o", tmp_path / "b")
    assert ended.code == 0 and "left out by their modality: SEG 1" in caplog.text
    assert len((tmp_path / "b" / "manifest.jsonl").read_text().splitlines()) == 1


def test_several_addresses_and_a_folder(cxrtk_command, tmp_path, orthanc, study, cxrtk_data):
    """Each has a folder of its own, named by its UID."""
    (tmp_path / "mine").mkdir()
    shutil.copy(cxrtk_data / "dicom" / FILES[1], tmp_path / "mine")
    words = ["segment", "-i", study, "-i", tmp_path / "mine", "-o", tmp_path / "out", "-q"]
    ended = cxrtk_command(*words)
    assert ended.code == 0, ended.err
    uid = study.rsplit("/", 1)[1]
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()} == {"mine", uid}


def test_a_wrong_password_is_one_line(cxrtk_command, tmp_path, study, monkeypatch):
    """Exit code 2, nothing written, no traceback, no credential."""
    monkeypatch.setenv("CXRTK_DICOMWEB_PASSWORD", "wrong-hunter2")
    ended = cxrtk_command("--verbose", "segment", "-i", study, "-o", tmp_path / "out")
    assert ended.code == 2 and "401" in ended.err.splitlines()[-1] and not (tmp_path / "out").exists()
    assert "wrong-hunter2" not in ended.err and "Basic " not in ended.err


def test_a_study_that_is_not_there(cxrtk_command, tmp_path, orthanc):
    ended = cxrtk_command("segment", "-i", f"{orthanc.url}/studies/1.2.3", "-o", tmp_path / "out")
    assert ended.code == 2 and "holds no object" in ended.err and len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-i", "https://h/dicom-web"], "is the address of a whole server"),
        (["-i", "https://h/studies/1", "--store", "https://h/studies/1"], "names a study"),
        (["-i", "a.png", "--store", "folder"], "is not an address"),
        (["-i", "https://joe:hunter2@h/studies/1"], "holds a user name or a password"),
        (["-i", "https://h/studies/1", "--ca-file", "nowhere.pem"], "no such file"),
        (["-i", "https://h/studies/1", "--credentials", "nowhere.toml"], "no such file"),
        (["-i", "https://h/studies/1", "--store", "https://g/"], "are for one server"),
        (["-i", "http://pacs.example/studies/1"], "not sent over http"),
    ],
)
def test_words_that_cannot_be_meant(cxrtk_command, tmp_path, monkeypatch, words, message):
    """One line, before anything is asked or written."""
    monkeypatch.setenv("CXRTK_DICOMWEB_USER", "joe")
    monkeypatch.setenv("CXRTK_DICOMWEB_PASSWORD", "hunter2")
    ended = cxrtk_command("segment", *words, "-o", tmp_path / "out")
    assert ended.code == 2 and message in ended.err and "hunter2" not in ended.err
    assert len(ended.err.splitlines()) == 1 and not (tmp_path / "out").exists()


def test_files_need_nothing_of_it(tmp_path, cxrtk_data):
    """A pass over files imports no library of the extra, and works where none is installed."""
    code = (
        "import sys\nfor name in ('requests', 'tenacity', 'python_multipart', 'pynetdicom'):\n"
        "    sys.modules[name] = None\n"
        "from cxrtk.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n"
        "    rooms = ('cxrtk.dicomweb', 'cxrtk.watch')\n"
        "    print('DICOMWEB', [name for name in sys.modules if name.startswith(rooms)])\n"
        "    raise\n"
    )
    words = ["segment", "-i", cxrtk_data / "dicom" / FILES[0], "-o", tmp_path / "out"]
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, timeout=240
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "DICOMWEB []"
