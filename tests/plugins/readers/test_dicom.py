"""The dicom reader: what it lists, in which order, and under which patient keys."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from cxrtk import CxrReadError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

NAMES = [
    "RG1_J2KI.dcm",
    "RG1_UNCI.dcm",
    "rsna_cr_pa_fake_monochrome1_jpeg.dcm",
    "rsna_cr_pa_monochrome2_jpeg.dcm",
    "veterinary_dx_thorax_monochrome1.dcm",
]
Put = Callable[..., Path]


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "dicom"

    @pytest.fixture
    def kwargs(self, cxrtk_data: Path) -> dict[str, Any]:
        """The five real files."""
        return {"root": str(cxrtk_data / "dicom")}


@pytest.fixture
def put(cxrtk_data: Path, tmp_path: Path) -> Put:
    """Put the smallest real file below ``tmp_path / "in"``, with other tags; ``None`` takes one away."""

    def put(name: str, **tags: str | None) -> Path:
        data = pydicom.dcmread(cxrtk_data / "dicom" / NAMES[-1])
        for keyword, value in tags.items():
            if value is None:
                delattr(data, keyword)
            else:
                setattr(data, keyword, value)
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data.save_as(path)
        return path

    return put


def _reader(root: Path, **arguments: Any) -> Reader:
    return readers.create("dicom", root=root, **arguments)


def _names(root: Path, **arguments: Any) -> list[str]:
    return [Path(item["image"]).relative_to(root).as_posix() for item in _reader(root, **arguments).items()]


def test_the_real_folder(cxrtk_data: Path) -> None:
    """Five files of three patients, sorted by name, with what their headers say."""
    items = _reader(cxrtk_data / "dicom").items()
    assert [Path(item["image"]).name for item in items] == NAMES
    assert [item["modality"] for item in items] == ["CR", "CR", "CR", "CR", "DX"]
    assert [item["view"] for item in items] == ["PA", "PA", "PA", "PA", None]
    assert [(item["rows"], item["columns"]) for item in items[::2]] == [
        (1955, 1841),
        (1024, 1024),
        (169, 211),
    ]
    patients = [item["patient"] for item in items]
    assert patients[0] == patients[1] and patients[2] == patients[3] and len(set(patients)) == 3


def test_files_are_found_by_content_in_a_stable_order(put: Put, tmp_path: Path) -> None:
    """Whatever the name or folder; sorted by the path below the root."""
    for name in ("b/1", "a/x.png", "a.dcm", "ünï 图/ím 1", "c"):
        put(name)
    assert _names(tmp_path / "in") == ["a.dcm", "a/x.png", "b/1", "c", "ünï 图/ím 1"]


def test_links_may_loop(put: Put, tmp_path: Path) -> None:
    """A link to a folder above itself is not followed for ever; a broken one and a FIFO stop nothing."""
    put("a/1.dcm")
    (tmp_path / "in/a/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/a/nowhere").symlink_to(tmp_path / "gone")
    (tmp_path / "in/a/self").symlink_to(tmp_path / "in/a/self")
    os.mkfifo(tmp_path / "in/a/fifo")
    assert _names(tmp_path / "in") == ["a/1.dcm"]


def test_what_is_left_out_is_counted(put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line with the counts by reason; one more for each file that cannot be read, naming it."""
    put("good.dcm")
    put("ct1.dcm", Modality="CT")
    put("ct2.dcm", Modality="CT")
    (tmp_path / "in/note.txt").write_text("hello")
    damaged = put("damaged.dcm")
    content = damaged.read_bytes()
    damaged.write_bytes(content[: content.index(b"\x08\x00\x60\x00CS") - 3])
    with caplog.at_level("INFO"):
        assert _names(tmp_path / "in") == ["good.dcm"]
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert "damaged.dcm" in lines[0]
    assert lines[1].endswith("files left out: 2 modality CT, 1 not DICOM, 1 unreadable.")


def test_any_modality_on_request(put: Put, tmp_path: Path) -> None:
    """`modalities=None` lists and reads a CT; else reading it is refused."""
    ct = put("ct.dcm", Modality="CT")
    put("dx.dcm")
    assert _names(tmp_path / "in", modalities=None) == ["ct.dcm", "dx.dcm"]
    assert _reader(tmp_path / "in", modalities=None).read(ct).pixels.shape == (169, 211)
    with pytest.raises(CxrReadError, match="Modality = CT"):
        _reader(tmp_path / "in").read(ct)


def test_no_radiograph_says_what_there_was(put: Put, tmp_path: Path) -> None:
    """The error counts what was left out, so that a wrong modality is seen at once."""
    put("ct.dcm", Modality="CT")
    with pytest.raises(DataError, match="1 modality CT"):
        _reader(tmp_path / "in").items()


def test_one_file_is_a_root_too(put: Put, tmp_path: Path) -> None:
    """It has the patient key that it has in its folder."""
    path = put("a.dcm")
    assert _reader(path).items() == _reader(tmp_path / "in").items()


def test_the_voi_reaches_the_file(cxrtk_data: Path) -> None:
    """``voi="none"`` keeps the 15 stored bits of a file whose window is narrower."""
    path = cxrtk_data / "dicom" / "RG1_UNCI.dcm"
    expected = 1 - pydicom.dcmread(path).pixel_array / 32767
    assert np.allclose(_reader(path.parent, voi="none").read(path).pixels, expected, rtol=0, atol=1e-6)


def test_patient_keys_are_salted_hashes(put: Put, tmp_path: Path) -> None:
    """sha256 of salt and PatientID, 16 digits; the salt is an argument, or else the root's name."""
    put("a.dcm", PatientID="MRN123")
    for argument, salt in (({}, "in"), ({"patient_salt": "secret"}, "secret")):
        key = hashlib.sha256(f"{salt}MRN123".encode()).hexdigest()[:16]
        assert _reader(tmp_path / "in", **argument).items()[0]["patient"] == key


def test_a_patient_keeps_its_key_where_the_folder_moves(put: Put, tmp_path: Path) -> None:
    """Splits stay the same on another machine, and when the root is given as a relative path."""
    put("a.dcm")
    shutil.copytree(tmp_path / "in", tmp_path / "elsewhere" / "in")
    moved, here = (_reader(root).items()[0] for root in (tmp_path / "elsewhere/in", tmp_path / "in"))
    relative = _reader(Path(os.path.relpath(tmp_path / "in"))).items()[0]
    assert moved["patient"] == here["patient"] == relative["patient"]


def test_without_a_patient_id_the_study_counts(
    put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Images of one study stay together, those of two do not merge into one nameless patient."""
    for name, study in (("a", "1.2.3"), ("b", "1.2.3"), ("c", "1.2.4")):
        put(f"{name}.dcm", PatientID="", StudyInstanceUID=study)
    a, b, c = (item["patient"] for item in _reader(tmp_path / "in").items())
    assert a == b != c
    assert "3 of 3 files have no PatientID" in caplog.text


def test_without_any_identifier_a_file_is_a_patient(put: Put, tmp_path: Path) -> None:
    """Neither PatientID nor StudyInstanceUID: each file by itself."""
    for name in "ab":
        put(f"{name}.dcm", PatientID=None, StudyInstanceUID=None)
    a, b = _reader(tmp_path / "in").items()
    assert a["patient"] != b["patient"] and a["study"] is None


@pytest.mark.parametrize(
    ("age", "years"),
    [("045Y", 45), ("018M", 1), ("104W", 2), ("400D", 1), ("097Y", 90), ("", None), ("old", None)],
)
def test_ages_are_whole_years_up_to_90(put: Put, tmp_path: Path, age: str, years: int | None) -> None:
    """An Age String in years, months, weeks or days; above 90 an age points at a person."""
    path = put("a.dcm", PatientAge="045Y")
    path.write_bytes(path.read_bytes().replace(b"AS\x04\x00045Y", b"AS\x04\x00" + age.ljust(4).encode()))
    assert _reader(tmp_path / "in").items()[0]["age"] == years


def test_nothing_of_the_patient_leaves(put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No name, number or UID of the file stands in its item or in the log."""
    names = dict.fromkeys(("PatientName", "PatientID", "AccessionNumber", "StudyDescription"), "CANARY^QX")
    path = put("a.dcm", **names, StudyInstanceUID="1.2.345678")
    path.write_bytes(path.read_bytes().replace(b"CS\x02\x00F ", b"CS\x02\x00\xe4^"))
    caplog.clear()
    with caplog.at_level(0):
        items = _reader(tmp_path / "in").items()
    assert "CANARY" not in str(items) and "345678" not in str(items)
    assert items[0]["sex"] is None
    assert "CANARY" not in caplog.text


def test_it_has_no_labels(cxrtk_data: Path) -> None:
    """Labels of DICOM images are a matter of other readers."""
    reader = _reader(cxrtk_data / "dicom")
    assert reader.read_label(reader.items()[0]) is None


def test_flagged_images_are_left_out_on_request(
    put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`refuse=["lateral"]` lists frontal views only, counts the others, and refuses to read one."""
    put("frontal.dcm", ViewPosition="PA", ImageLaterality="U")
    lateral = put("lateral.dcm", ViewPosition="LL", ImageLaterality="U")
    assert _names(tmp_path / "in") == ["frontal.dcm", "lateral.dcm"]
    with caplog.at_level("INFO"):
        assert _names(tmp_path / "in", refuse=["lateral"]) == ["frontal.dcm"]
    assert "1 flagged lateral" in caplog.text
    with pytest.raises(CxrReadError, match="lateral"):
        _reader(tmp_path / "in", refuse=["lateral"]).read(lateral)
