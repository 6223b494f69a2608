"""Listing of a folder of masks; which label is made of it is in test_places.py."""

from pathlib import Path

import pytest

from cxrtk import DataError
from cxrtk.data.labels.folders import list_masks, side_folders


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def test_what_there_is(tmp_path: Path) -> None:
    """Masks by their stems, drawings and the folders of sides; tables, texts and hidden files are none."""
    touch(tmp_path, "b.tif", "a.nii.gz", "c.json", "Left Lung/a.png", "notes.txt", "cases.csv", ".DS_Store")
    found = list_masks(touch(tmp_path, "about.json", "__MACOSX/._a.png"))
    assert found.files == {"a": str(tmp_path / "a.nii.gz"), "b": str(tmp_path / "b.tif")}
    assert found.drawings == {"c": str(tmp_path / "c.json")}
    assert found.sides == {"left_lung": tmp_path / "Left Lung"}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.nrrd", "b.png"], r"1 of its entries are not read as masks: a\.nrrd; masks are read from PNG"),
        (["heart/a.png"], r"1 of its entries .*: heart/;"),
        ([f"{number}.svg" for number in range(8)], r"8 of its entries .*4\.svg and 3 more"),
        (["a.png", "a.bmp"], r"a\.png: has the stem of .*a\.bmp"),
        (["left/a.png", "Left Lung/b.png"], "is the folder of a side, as is"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, names: list[str], said: str) -> None:
    """At most five by name; none is passed over."""
    with pytest.raises(DataError, match=said):
        list_masks(touch(tmp_path, *names))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The system's reason is told."""
    with pytest.raises(DataError, match="masks: cannot be listed: No such file"):
        list_masks(tmp_path / "masks")


def test_folders_of_sides(tmp_path: Path) -> None:
    """Only where there are both; two of one side are an error that names both."""
    assert side_folders(touch(tmp_path, "left/a.png", "images/a.png")) == {}
    found = side_folders(touch(tmp_path, "right/a.png"))
    assert found == {"left_lung": tmp_path / "left", "right_lung": tmp_path / "right"}
    with pytest.raises(DataError, match="both RLung and right are folders of right_lung"):
        side_folders(touch(tmp_path, "RLung/a.png"))
