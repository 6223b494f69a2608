import logging
from pathlib import Path

import pytest

from cxrtk import DataError, pixels


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.png", "a"),
        ("a.PNG", "a"),
        ("a.nii", "a"),
        ("a.nii.gz", "a"),
        ("a.b.jpeg", "a.b"),
        ("1-10-500.dcm", "1-10-500"),
        ("1.2.840.113619", "1.2.840.113619"),
        ("ünï 图 1.png", "ünï 图 1"),
        ("a_mask.png", "a_mask"),
        ("a.gz", "a.gz"),
    ],
)
def test_a_stem_loses_an_image_suffix_and_no_more(name: str, stem: str) -> None:
    """Other dots, as in DICOM UIDs, belong to the name."""
    assert pixels.stem_of(name) == stem


def test_images_are_told_by_name_and_sorted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Hidden files, leavings of the system, notes and folders are no images; the files are counted."""
    caplog.set_level(logging.INFO)
    for name in (
        "b.png",
        "a.PNG",
        "1.2.840.7",
        "IM0001",
        "c.nii.gz",
        "._b.png",
        ".DS_Store",
        "Thumbs.db",
        "notes.txt",
    ):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "broken.png").symlink_to("/nonexistent/x")
    found = pixels.list_images(tmp_path)
    assert list(found) == ["1.2.840.7", "IM0001", "a", "b", "broken", "c"]
    assert found["a"] == str(tmp_path / "a.PNG")
    assert "4 files ignored, not images" in caplog.text


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """By its absolute path."""
    with pytest.raises(DataError, match=f"{tmp_path}/nowhere"):
        pixels.list_images(tmp_path / "nowhere")


def test_files_are_walked_once_in_order(tmp_path: Path) -> None:
    """Sorted by path below the root; a link to a folder above itself adds nothing; a file is its own root."""
    for name in ("b/2", "a/1.dcm", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    walked = [path.relative_to(tmp_path).as_posix() for path in pixels.walk_files(tmp_path)]
    assert walked == ["a/1.dcm", "b/2", "c"]
    assert pixels.walk_files(tmp_path / "c") == [tmp_path / "c"]
