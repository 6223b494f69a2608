"""The file of a state: what is written is whole, and what cannot be read or written is one line."""

import sqlite3

import pytest

from cxrtk.errors import DataError, StorageError
from cxrtk.watch.state import FILE, WAITING, State

ONE = {"1.1": ""}


def test_a_step_is_whole_or_not_there(state, monkeypatch):
    """An error in the midst of it leaves nothing of it."""
    state.see("1", ONE, 0.0)
    with pytest.raises(sqlite3.Error):
        state.segmented("1", ["1.1"], {"5.1": object()})
    assert not state.is_done("1.1") and state.study("1").status == WAITING


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\1" * 100])
def test_a_damaged_state(tmp_path, content):
    """One line, and the file stays as it is."""
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        State(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_state_that_cannot_be_written(state):
    """One line, as of a full disk, and no step is half done."""
    state.see("1", ONE, 0.0)
    state._base.execute("PRAGMA max_page_count = 1")
    pages = {f"1.{number}": "x" * 64 for number in range(20_000)}
    with pytest.raises(StorageError, match="cannot be written"):
        state.segmented("1", list(pages), pages)
    assert state.unstored("1") == {} and state.study("1").status == WAITING


def test_another_version(tmp_path):
    with State(tmp_path) as state:
        state._base.execute("PRAGMA user_version = 99")
    with pytest.raises(DataError, match="another version"):
        State(tmp_path)
