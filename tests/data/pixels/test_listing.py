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
    assert "4 files that are no images" in caplog.text


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """By its absolute path."""
    with pytest.raises(DataError, match=f"{tmp_path}/nowhere"):
        pixels.list_images(tmp_path / "nowhere")
