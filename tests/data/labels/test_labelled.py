"""What the readers of tables share."""

from pathlib import Path

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError, labels


@pytest.mark.parametrize("name", ["b.csv", "b.csv.gz"])
def test_the_first_table_there_is(tmp_path: Path, name: str) -> None:
    """Plain or packed; one that is named goes before."""
    (tmp_path / name).write_text("x")
    (tmp_path / "c.csv").write_text("x")
    assert labels.find_table(tmp_path, ("a.csv", "b.csv")) == tmp_path / name
    assert labels.find_table(tmp_path, ("a.csv", "b.csv"), "c.csv") == tmp_path / "c.csv"


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    """The tables looked for, and the flag."""
    with pytest.raises(DataError, match=r"has no table a\.csv, b\.csv; put it there, or .*reader#table="):
        labels.find_table(tmp_path, ("a.csv", "b.csv"))
    with pytest.raises(DataError, match="nowhere: no such folder"):
        labels.find_table(tmp_path / "nowhere", ("a.csv",))


def test_images_by_stem(tmp_path: Path) -> None:
    """At any depth; two of one name are refused, and none at all too."""
    for name in ("x/1.2.3.dcm", "y/z/b.png", "t.csv", ".h.png", "README"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = labels.images_by_stem(tmp_path)
    assert found == {"1.2.3": str(tmp_path / "x/1.2.3.dcm"), "b": str(tmp_path / "y/z/b.png")}
    with pytest.raises(DataError, match="No images in"):
        labels.images_by_stem(tmp_path / "t")
    (tmp_path / "b.png").write_text("x")
    with pytest.raises(DataError, match=r"b\.png: has the stem of"):
        labels.images_by_stem(tmp_path)


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "", "x/../../a"])
def test_paths_stay_below_the_root(tmp_path: Path, name: str) -> None:
    """A table names no other file of the disk."""
    with pytest.raises(ValueError, match="not a path below the images"):
        labels.image_at(tmp_path, name)


def test_the_first_folder_may_be_left_out(tmp_path: Path) -> None:
    """As tables name the archive's folder, which is there or not."""
    assert labels.image_at(tmp_path, "Set-1/a/b.jpg", ("Set-1",)) == tmp_path / "a/b.jpg"
    (tmp_path / "Set-1").mkdir()
    assert labels.image_at(tmp_path, "Set-1/a/b.jpg", ("Set-1",)) == tmp_path / "Set-1/a/b.jpg"


def test_boxes_by_the_centres_of_pixels() -> None:
    """As polygons are filled; overlapping boxes are united."""
    mask = labels.box_mask([(1.4, 2.0, 3.6, 4.0), (3.0, 3.0, 5.0, 5.0)], (6, 7))
    box = [(1.4, 2.0), (3.6, 2.0), (3.6, 4.0), (1.4, 4.0)]
    assert np.array_equal(mask, labels.fill([box, [(3, 3), (5, 3), (5, 5), (3, 5)]], (6, 7)))


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ((3, 1, 3, 5), "has no area"),
        ((1, 1, float("nan"), 5), "has no area"),
        ((1, 1, 9, 5), "outside the image of 7 x 6"),
    ],
)
def test_what_is_no_box(box: tuple[float, ...], said: str) -> None:
    """The numbers are named."""
    with pytest.raises(ValueError, match=said):
        labels.box_mask([box], (6, 7))


def test_what_is_left_out_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With the reason and some names; an empty set is an error."""
    labels.report_rows(tmp_path / "t.csv", 3, {"rows have no image": 2, "others": 0}, ["x", "y"])
    assert "3 images are listed; 2 rows have no image (x, y)." in caplog.text
    with pytest.raises(
        DataError, match=r"t\.csv: no row is left to read: 2 rows have no image \(x, y\); expected z\."
    ):
        labels.report_rows(tmp_path / "t.csv", 0, {"rows have no image": 2}, ["x", "y"], "expected z")


def test_patients_of_a_table(tmp_path: Path) -> None:
    """Without one each image is its own."""
    images = {"a": "x/a.png", "b": "x/b.png"}
    (tmp_path / "p.csv").write_text("image,patient\na.png,p\nb.png,p\n")
    assert labels.patients_of(tmp_path / "p.csv", images) == {"a": "p", "b": "p"}
    assert labels.patients_of(None, images) == {"a": "a", "b": "b"}


def test_an_image_of_another_size(tmp_path: Path) -> None:
    """Boxes and masks of a table are not stretched."""
    labels.check_size_of("t.csv", (4, 5), (4, 5), "a.png")
    with pytest.raises(CxrReadError, match=r"t\.csv: is about images of 5 x 4 pixels, but a\.png is 10 x 8"):
        labels.check_size_of("t.csv", (4, 5), (8, 10), "a.png")
