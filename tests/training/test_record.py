"""The record of a run: what it was made of, and in which order runs were started."""

import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path

import pytest

from cxrtk import ConfigError
from cxrtk.training import record


def begin(folder: Path, number: int = 1, **changes: object) -> Path:
    folder.mkdir(parents=True)
    record.begin(folder, number=number, config_name="unet_cxr", max_epochs=3, command=["cxrtk", "train"])
    if changes:
        record.update(folder, changes)
    return folder


def test_a_new_record(tmp_path):
    """Read by plain json: a running training, its command, its place, its machine."""
    about = json.loads((begin(tmp_path / "a") / "run.json").read_text())
    expected = {"number": 1, "config_name": "unet_cxr", "status": "running", "max_epochs": 3}
    assert {key: about[key] for key in expected} == expected
    assert about["commands"] == [["cxrtk", "train"]] and about["working_directory"] == str(Path.cwd())
    host = about["host"]
    assert (host["name"], host["cores"], host["python"]) == (platform.node(), os.cpu_count(), sys.executable)


def test_the_versions_are_those_that_are_installed(tmp_path):
    """importlib.metadata, as used by pip, and Python report the same versions."""
    found = record.read(begin(tmp_path / "a"))["versions"]
    assert found.pop("python") == ".".join(map(str, sys.version_info[:3]))
    assert {"cxrtk", "torch", "monai", "pytorch-ignite", "numpy", "pydicom"} <= found.keys()
    assert found == {name: importlib.metadata.version(name) for name in found}


def test_an_update_keeps_the_rest(tmp_path):
    """Only the given keys change, and the time of the change is recorded."""
    before = record.read(begin(tmp_path / "a"))
    record.update(tmp_path / "a", {"status": "complete", "epoch": 3})
    after = record.read(tmp_path / "a")
    assert after.pop("updated") >= before["started"]
    assert after == {**before, "status": "complete", "epoch": 3}


def test_runs_are_in_the_order_of_their_starts(tmp_path):
    """By their numbers; names, clocks and file times say something else. Other folders are no runs."""
    for number, (name, started) in enumerate([("z", "2026-05"), ("b", "2031-01"), ("m", "1970-01")], start=9):
        begin(tmp_path / name, number, started=started)
        os.utime(tmp_path / name / "run.json", (1e9 - number, 1e9 - number))
    (tmp_path / "notes").mkdir()
    found = record.runs(tmp_path)
    assert [folder.name for folder, _ in found] == ["z", "b", "m"]
    assert [about["number"] for _, about in found] == [9, 10, 11]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b'{"number": 1', "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[]", "not a run"),
    ],
)
def test_a_damaged_record_is_named(tmp_path, caplog, content, said):
    """One line with the file where it is asked for; among others it is passed over, aloud."""
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "run.json").write_bytes(content)
    with pytest.raises(ConfigError, match=said) as caught:
        record.read(folder)
    assert str(folder) in str(caught.value)
    assert record.runs(tmp_path) == []
    assert str(folder) in caplog.text and "ignored" in caplog.text


def test_a_folder_without_a_record_is_no_run(tmp_path):
    """The message names the missing file."""
    with pytest.raises(ConfigError, match=r"is not a run of cxrtk, it has no run\.json"):
        record.read(tmp_path)
