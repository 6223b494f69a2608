"""Digests of files: right, made once, and made anew where a file was rewritten."""

import hashlib

import pytest

from cxrtk.passes import digests
from cxrtk.passes.digests import SHARED, Digests, state


@pytest.fixture
def read(monkeypatch):
    """The files that were read for their digest, in order."""
    read = []
    sha256 = digests.sha256
    monkeypatch.setattr(digests, "sha256", lambda path: read.append(path) or sha256(path))
    return read


def test_are_those_of_the_bytes(tmp_path):
    """They are empty for a missing file and for a folder."""
    (tmp_path / "a").write_bytes(b"some")
    digest = Digests()
    assert digest(str(tmp_path / "a")) == hashlib.sha256(b"some").hexdigest()
    assert digest(str(tmp_path / "b")) == digest(str(tmp_path)) == ""


def test_a_file_is_read_once_until_it_is_rewritten(tmp_path, read):
    """So a table of all masks is not read again for each image; a new object trusts no other."""
    path = tmp_path / "table.csv"
    path.write_text("one")
    digest = Digests()
    first = [digest(str(path)) for _ in range(3)]
    assert len(set(first)) == 1 and len(read) == 1
    path.write_text("two!")
    assert digest(str(path)) == hashlib.sha256(b"two!").hexdigest() and len(read) == 2
    Digests()(str(path))
    assert len(read) == 3


def test_few_are_kept(tmp_path, read):
    """Memory stays flat over any number of files."""
    paths = [tmp_path / str(number) for number in range(SHARED + 1)]
    digest = Digests()
    for path in [*paths, paths[0]]:
        path.touch()
        digest(str(path))
    assert len(read) == SHARED + 2


def test_the_state_changes_with_the_file(tmp_path):
    """It changes if the file is rewritten or replaced; a missing file has none."""
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("one")
    other.write_text("two")
    before = state(str(path))
    assert before == state(str(path))
    other.replace(path)
    assert state(str(path)) != before
    with pytest.raises(FileNotFoundError):
        state(str(other))
