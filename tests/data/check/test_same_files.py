"""Equal files are found by content, and those of another size or beginning are not read for it."""

import os
from pathlib import Path

import pytest

from cxrtk.data.check import same_files

FILES = {
    "a": b"x" * 100_000,
    "b": b"x" * 100_000,
    "one byte in the middle": b"x" * 30_000 + b"y" + b"x" * 69_999,
    "one byte at the end": b"x" * 99_999 + b"y",
    "longer": b"x" * 100_001,
    "c": b"z",
    "d": b"z",
    "e": b"z",
}


@pytest.fixture
def paths(tmp_path) -> list[str]:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in FILES]


def names(groups: list[list[str]]) -> list[list[str]]:
    return [[Path(path).name for path in group] for group in groups]


def test_groups(paths):
    """Two groups, in the order given; a byte anywhere makes another file."""
    assert names(same_files(paths)) == [["a", "b"], ["c", "d", "e"]]


def test_files_that_cannot_be_read(paths, tmp_path):
    """A missing file and a folder equal nothing, and stop nothing."""
    assert names(same_files([str(tmp_path / "no"), str(tmp_path), *paths[:2]])) == [["a", "b"]]


@pytest.mark.timeout(10)
def test_pipes_are_not_opened(tmp_path):
    """A pipe with no writer would block for ever if it were opened; two have one size, none."""
    for name in ("pipe", "other"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "empty").write_bytes(b"")
    assert same_files([str(tmp_path / name) for name in ("pipe", "other", "empty")]) == []
