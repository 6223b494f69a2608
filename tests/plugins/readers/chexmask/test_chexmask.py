"""The CheXmask reader: its contract, items, masks and settings."""

import logging

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError, readers
from cxrtk.testing import ReaderContract

from .tables import BOXES, NAMES, SIZE, rle, row, write_image, write_table


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "chexmask"

    @pytest.fixture
    def kwargs(self, root):
        """The folder above."""
        return {"root": str(root)}


def test_items_in_the_order_of_the_table(root):
    """Name, patient, both scores, and the line where a row begins: each row has four lines here."""
    write_table(root / "ChestX-ray8.csv", [row(name) for name in reversed(NAMES)])
    items = readers.create("chexmask", root=str(root)).items()
    assert items[0] == {
        "image": str(root / "images_002/images" / NAMES[2]),
        "patient": "00000013",
        "name": NAMES[2],
        "rca_mean": 0.85,
        "rca_max": 0.9,
        "line": 2,
    }
    assert [(item["patient"], item["line"]) for item in items[1:]] == [("00000001", 6), ("00000001", 10)]


def test_masks_run_along_the_rows(root):
    """Each organ is the rectangle that was encoded; a network drew it, and the heart is no lung."""
    reader = readers.create("chexmask", root=str(root))
    for item in reader.items():
        label = reader.read_label(item)
        assert label.classes == ("right_lung", "left_lung", "heart")
        assert (label.truth, label.heart) == ("model", "excluded")
        for mask, organ in zip(label.masks, ("Right Lung", "Left Lung", "Heart"), strict=True):
            top, bottom, left, right = BOXES[organ]
            expected = np.zeros(SIZE, np.uint8)
            expected[top:bottom, left:right] = 1
            assert np.array_equal(mask, expected)


def test_each_row_has_its_own_masks(root):
    """Rows are found again by their place in the file, behind cells with line ends and other letters."""
    boxes = {name: (number + 1, number + 3, 2, 9) for number, name in enumerate(NAMES)}
    rows = [row(name, Heart=rle(box), Landmarks="ü\r\n図\n" * 3) for name, box in boxes.items()]
    write_table(root / "ChestX-ray8.csv", rows)
    reader = readers.create("chexmask", root=str(root))
    for item in reader.items():
        top, bottom, left, right = boxes[item["name"]]
        heart = reader.read_label(item).masks[2]
        assert (heart.sum(), heart[top:bottom, left:right].sum()) == (14, 14)


def test_files_of_an_item(root):
    """The masks lie in the table."""
    reader = readers.create("chexmask", root=str(root))
    item = reader.items()[0]
    assert reader.files(item) == [item["image"], str(root / "ChestX-ray8.csv")]


@pytest.mark.parametrize(("min_rca", "kept"), [(0.7, 2), (0.0, 3), (0.71, 1), (0.9, 1)])
def test_poor_rows_are_left_out(root, min_rca, kept):
    """The bound itself is kept; a row without a score never is."""
    write_image(root / "00000020_000.png")
    scores = zip((*NAMES, "00000020_000.png"), (0.7, 0.9, 0.4, ""), strict=True)
    write_table(root / "ChestX-ray8.csv", [row(name, mean=score) for name, score in scores])
    assert len(readers.create("chexmask", root=str(root), min_rca=min_rca).items()) == kept


def test_missing_images_are_named_with_their_lines(root, caplog):
    """A row whose image is not there is left out, and the log says which and how many."""
    write_table(root / "ChestX-ray8.csv", [row("00000099_000.png"), row(NAMES[0]), row("00000099_001.png")])
    caplog.set_level(logging.INFO)
    assert len(readers.create("chexmask", root=str(root)).items()) == 1
    lines = "line 2 (00000099_000.png), line 10 (00000099_001.png)"
    assert f"ChestX-ray8.csv: no image for 2 rows, left out: {lines}." in caplog.text
    assert "3 rows, of which 0 are below min_rca 0.7 and 2 have no image" in caplog.text


def test_no_row_with_an_image(root):
    """An empty data set is an error that says why it is empty."""
    write_table(root / "ChestX-ray8.csv", [row("00000099_000.png"), row(NAMES[0], mean=0.1)])
    with pytest.raises(DataError, match=r"of 2 rows 1 are below min_rca 0\.7 and 1 have no image"):
        readers.create("chexmask", root=str(root))


def test_an_image_of_another_size(root):
    """Preprocessed/ and OriginalResolution/ differ for most sets; what to take is said."""
    path = write_image(root / "images_001/images" / NAMES[0], (80, 60))
    reader = readers.create("chexmask", root=str(root))
    message = r"line 2: is 30 x 40 pixels, but its image .* is 60 x 80; use OriginalResolution/"
    with pytest.raises(CxrReadError, match=message):
        reader.read_label({"image": str(path)})


# --- settings


def test_the_column_of_the_data_dictionary(root):
    """``Image ID`` may be of any set, so it must be said which."""
    write_table(root / "ChestX-ray8.csv", [row(name) for name in NAMES], column="Image ID")
    with pytest.raises(DataError, match="'Image ID' with source="):
        readers.create("chexmask", root=str(root))
    assert readers.create("chexmask", root=str(root), source="nih").items()[0]["patient"] == "00000001"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "nihh"}, "source must be one of nih, .*, not 'nihh'"),
        ({"source": "vindr"}, "line 1: one of the columns"),
        ({"min_rca": 70}, "min_rca must be from 0 to 1, not 70"),
        ({"patients": "x.csv"}, "patients= is for mimic and padchest; leave it out"),
        ({"table": "gone.csv"}, "gone.csv: cannot be read: No such file"),
    ],
)
def test_wrong_settings(root, arguments, message):
    """Each is named, with what it may be."""
    with pytest.raises(DataError, match=message):
        readers.create("chexmask", root=str(root), **arguments)


def test_which_table(root):
    """Other CSV files do not count; two tables are one too many; another file is none."""
    (root / "Data_Entry_2017.csv").write_text("Image Index,Finding Labels\n")
    assert readers.create("chexmask", root=str(root)).items()
    second = write_table(root / "Other.csv", [row(NAMES[0])])
    with pytest.raises(DataError, match=r"needs one table of CheXmask.*but has ChestX-ray8\.csv, Other\.csv"):
        readers.create("chexmask", root=str(root))
    assert len(readers.create("chexmask", root=str(root), table=str(second)).items()) == 1
    with pytest.raises(DataError, match=r"line 1: has no column Dice RCA .*; is it a table of CheXmask"):
        readers.create("chexmask", root=str(root), table=str(root / "Data_Entry_2017.csv"))
