"""Pointers that large-file systems leave in place of a file are named as such, with the cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrtk import CxrReadError, pixels

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"
OLD_LFS = b"version https://hawser.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"
ANNEX = b"/annex/objects/SHA256E-s12345--" + b"4d7a" * 16 + b".png\n"
POINTERS = {
    "lfs": (LFS, "git lfs pull"),
    "old lfs": (OLD_LFS, "git lfs pull"),
    "annex": (ANNEX, "git annex get"),
}
READERS: dict[str, Callable[[Path], Any]] = {
    "read": pixels.read,
    "read_png": pixels.read_png,
    "read_dicom": pixels.read_dicom,
    "read_nifti": pixels.read_nifti,
    "read_mask": pixels.read_mask,
    "read_labels": pixels.read_labels,
    "read_gif_mask": pixels.read_gif_mask,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("pointer", POINTERS)
def test_a_pointer_is_named(tmp_path: Path, pointer: str, reader: str) -> None:
    """By every function that reads images or masks, whatever the suffix; no word of its text is quoted."""
    content, cure = POINTERS[pointer]
    path = tmp_path / "chest.png"
    path.write_bytes(content)
    with pytest.raises(CxrReadError, match=r"pointer of (Git LFS|git-annex)") as caught:
        READERS[reader](path)
    assert cure in str(caught.value) and "4d7a" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (".git/annex/objects/Vz/03/SHA256E-s5--4d.png/SHA256E-s5--4d.png", "is a pointer of git-annex"),
        ("nowhere.png", "is a broken link"),
    ],
)
def test_a_link_to_content_that_is_elsewhere(tmp_path: Path, target: str, says: str) -> None:
    """A locked file of git-annex is a link into .git; other broken links stay broken links."""
    path = tmp_path / "chest.png"
    path.symlink_to(target)
    with pytest.raises(CxrReadError, match=says) as caught:
        pixels.read(path)
    assert caught.value.code == "missing"
    assert ("git annex get" in str(caught.value)) == ("annex" in target)
