"""`cxrtk watch` against a real archive: what arrives is segmented and stored back, once, whatever happens."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from pydicom import dcmread

from tests.orthanc import PASSWORD

FILE = "RG1_UNCI.dcm"
PACE = ("--quiet-for", "0.2", "--every", "0.2", "--days", "36500")


@pytest.fixture
def words(orthanc, tmp_path, cxrtk_data):
    """A watch on a server that has one study."""
    orthanc.put(cxrtk_data / "dicom" / FILE)
    server = ["-i", orthanc.url, "--store", orthanc.url]
    return ["watch", "--state", str(tmp_path / "state"), *server, *PACE]


def test_a_server(cxrtk_command, orthanc, words, tmp_path):
    """SEG and SR are stored, and nothing is done a second time; no output or file shows a credential."""
    first = cxrtk_command(*words, "--once")
    assert first.code == 0, first.err
    assert sorted(orthanc.objects().values()) == ["CR", "SEG", "SR"]
    again = cxrtk_command(*words, "--once")
    assert again.code == 0 and "object" not in again.err and len(orthanc.changes()) == 3
    listed = cxrtk_command("watch", "--state", tmp_path / "state", "--list", "--json")
    (study,) = json.loads(listed.out)
    assert study["status"] == "done" and study["reason"] == ""
    assert "done" in cxrtk_command("watch", "--state", tmp_path / "state", "--list").out
    files = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert PASSWORD not in first.err + again.err and PASSWORD.encode() not in files
    assert not list((tmp_path / "state").rglob("*.dcm"))


def test_the_objects_are_those_of_segment(cxrtk_command, orthanc, words, tmp_path, cxrtk_data):
    """The objects are equal byte by byte."""
    assert cxrtk_command(*words, "--once", "-q").code == 0
    image, out = cxrtk_data / "dicom" / FILE, tmp_path / "out"
    assert cxrtk_command("segment", "-i", image, "-o", out, "-ot", "dicom-seg,dicom-sr", "-q").code == 0
    for path in out.glob("*.dcm"):
        assert orthanc.file(str(dcmread(path).SOPInstanceUID)) == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("stored", [0, 1])
def test_a_kill(cxrtk_command, orthanc, words, tmp_path, stored):
    """While it segments, or between the two objects: the next process ends with each stored once."""
    command = [sys.executable, "-m", "cxrtk", *words]
    how = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=how) as process:
        until = time.monotonic() + 200
        while time.monotonic() < until and process.poll() is None:
            if stored == 0 and list((tmp_path / "state").glob("work/*/*.dcm")):
                break
            if stored and len(orthanc.ask("GET", "/instances")) > 1:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    ended = cxrtk_command(*words, "--once")
    assert ended.code == 0, ended.err
    assert sorted(orthanc.objects().values()) == ["CR", "SEG", "SR"] and len(orthanc.changes()) == 3


@pytest.mark.slow
def test_a_signal(orthanc, words, tmp_path):
    """SIGTERM ends it with 143 and a line; its lock is free."""
    command = [sys.executable, "-m", "cxrtk", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if " stored at " in line:
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        assert process.wait(60) == 143 and "Stopped by SIGTERM" in said


def test_what_was_given_up(cxrtk_command, orthanc, words, tmp_path, cxrtk_data):
    """It makes the exit code 3, is listed with its reason, and taken up again when asked to."""
    (tmp_path / "in").mkdir()
    whole = (cxrtk_data / "dicom" / FILE).read_bytes()
    (tmp_path / "in" / "a.dcm").write_bytes(whole[: len(whole) // 2])
    own = ["watch", "--state", tmp_path / "state", "-i", tmp_path / "in", "--store", tmp_path / "out", *PACE]
    ended = cxrtk_command(*own, "--once", "--attempts", "1")
    assert ended.code == 3 and "given up" in ended.err
    listed = cxrtk_command("watch", "--state", tmp_path / "state", "--list", "--json")
    (study,) = json.loads(listed.out)
    assert study["status"] == "given_up" and "truncated" in study["reason"]
    again = cxrtk_command("watch", "--state", tmp_path / "state", "--retry")
    assert again.code == 0 and "scheduled for another attempt: 1" in again.err and "waiting" in again.out
    (tmp_path / "in" / "a.dcm").write_bytes(whole)
    assert cxrtk_command(*own, "--once").code == 0
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-i", "."], "Give the source of the studies"),
        (["--store", "out"], "Give the source of the studies"),
        (["-i", ".", "--listen", "11112", "--store", "out"], "Give the source of the studies"),
        (["--listen", "11112", "--store", "out", "--once"], "--once would end"),
        (["-i", ".", "--peer", "XRAY", "--store", "out"], "add --listen"),
        (["--list"], "holds no state of a watch"),
    ],
)
def test_words_that_cannot_be_meant(cxrtk_command, tmp_path, words, message):
    ended = cxrtk_command("watch", "--state", tmp_path / "state", *words)
    assert ended.code == 2 and message in ended.err and not (tmp_path / "state").exists()
