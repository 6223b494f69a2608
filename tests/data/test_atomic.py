"""Files are written whole or not at all."""

import errno
import json
import os
import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from cxrtk import StorageError
from cxrtk.data.atomic import full, replacing, require_space, sweep, write_json


def test_success_replaces(tmp_path):
    """After the block the file holds the new content, under its own name only."""
    target = tmp_path / "new" / "a.png"
    for content in (b"first", b"second"):
        with replacing(target) as part:
            assert part.suffix == ".png" and part.parent == target.parent
            part.write_bytes(content)
        assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("written", [b"", b"half"])
def test_failure_leaves_what_was(tmp_path, written):
    """An error within the block leaves the old file and no other."""
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as part:
        part.write_bytes(written)
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_written_is_an_error(tmp_path):
    """A block that writes no file does not pass for one that did."""
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.png"):
        pass


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("durable", [False, True])
def test_a_full_disk_is_an_error_of_ours(tmp_path, number, durable):
    """It names the folder; the old file stays and no other."""
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    said = f"^no space left on {tmp_path}: .* MB are free"
    with pytest.raises(StorageError, match=said), replacing(target, durable=durable) as part:
        part.write_bytes(b"ha")
        raise OSError(number, os.strerror(number))
    assert target.read_bytes() == b"old" and list(tmp_path.iterdir()) == [target]


def test_another_error_of_the_system_stays_what_it_is(tmp_path):
    """A missing input is no full disk."""
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.png") as part:
        part.write_bytes((tmp_path / "nowhere").read_bytes())


def test_a_durable_file_is_synced_before_it_is_renamed(tmp_path, monkeypatch):
    """The content, then the folder that holds the name; nothing where it is not asked for."""
    synced: list[tuple[bool, bool]] = []

    def note(handle: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), (tmp_path / "a.png").exists()))

    monkeypatch.setattr(os, "fsync", note)
    with replacing(tmp_path / "b.png") as part:
        part.write_bytes(b"")
    assert synced == []
    with replacing(tmp_path / "a.png", durable=True) as part:
        part.write_bytes(b"")
    assert synced == [(False, False), (True, True)]


def test_sweeping_takes_what_a_kill_left_and_nothing_else(tmp_path):
    """The names that `replacing` writes; other hidden files and folders stay."""
    with replacing(tmp_path / "best.pt") as part:
        left = part.name
        part.write_bytes(b"")
    stay = {"best.pt", ".lock", ".x.pt", "1.best.pt", ".123", ".5.folder"}
    for name in (left, ".77.metrics.jsonl", *stay - {".5.folder"}):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".5.folder").mkdir()
    assert {path.name for path in sweep(tmp_path)} == {left, ".77.metrics.jsonl"}
    assert {path.name for path in tmp_path.iterdir()} == stay


@pytest.mark.parametrize(("free", "enough"), [(2_000_000, True), (1_999_999, False)])
def test_the_space_that_is_needed(tmp_path, monkeypatch, free, enough):
    """Two megabytes; the message says how many there are."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, free))
    if enough:
        require_space(tmp_path, 2_000_000)
    else:
        with pytest.raises(
            StorageError, match=r"need 2\.0 MB, have 2\.0 MB; free some space, or name another"
        ):
            require_space(tmp_path, 2_000_000)


def test_the_line_on_a_full_disk_has_the_whole_path(tmp_path, monkeypatch):
    """A relative folder says nothing in a log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    assert str(tmp_path / "runs") in full((tmp_path / "runs").relative_to(tmp_path))


def test_json_of_any_file_name(tmp_path):
    """Bytes that are not UTF-8 are escaped in the file, which is UTF-8, and read back as they were."""
    path = write_json(tmp_path / "a.json", {"file": "caf\udce9", "note": "Zürich", "path": Path("x")})
    assert "caf\\udce9" in path.read_text(encoding="utf-8") and "Zürich" in path.read_text(encoding="utf-8")
    assert json.loads(path.read_bytes()) == {"file": "caf\udce9", "note": "Zürich", "path": "x"}
