"""cxrtk.data.boxes: the NIH's boxes, read and brought to another size."""

from __future__ import annotations

import collections
import gzip
from pathlib import Path

import pytest

from cxrtk.data.boxes import HEADER, SIDE, FindingBox, read_boxes, scale_box, write_boxes
from cxrtk.errors import ConfigError, DataError

GOOD = "00013118_008.png,Atelectasis,225.084745762712,547.019216763771,86.7796610169491,79.1864406779661"


@pytest.fixture
def table(cxrtk_data: Path) -> Path:
    return cxrtk_data / "nih_tables" / "BBox_List_2017.csv.gz"


def test_the_nihs_table_is_read_whole(table: Path) -> None:
    """984 boxes; names and numbers are those that splitting the lines at their commas gives."""
    lines = gzip.decompress(table.read_bytes()).decode("ascii").splitlines()[1:]
    boxes = read_boxes(table)
    assert len(boxes) == len(lines) == 984
    for box, line in zip(boxes, lines, strict=True):
        image, finding, x, y, width, height = line.split(",")
        assert (box.image, box.finding[:9]) == (image, finding[:9])
        assert (box.x, box.y, box.width, box.height) == (float(x), float(y), float(width), float(height))


def test_counts_of_each_finding(table: Path) -> None:
    """As many boxes of each finding as lines that name it; the table's Infiltrate comes as Infiltration."""
    text = gzip.decompress(table.read_bytes()).decode("ascii")
    counts = collections.Counter(box.finding for box in read_boxes(table))
    assert counts == {
        "Atelectasis": text.count(",Atelectasis,"),
        "Effusion": text.count(",Effusion,"),
        "Cardiomegaly": text.count(",Cardiomegaly,"),
        "Infiltration": text.count(",Infiltrate,"),
        "Pneumonia": text.count(",Pneumonia,"),
        "Pneumothorax": text.count(",Pneumothorax,"),
        "Mass": text.count(",Mass,"),
        "Nodule": text.count(",Nodule,"),
    }
    assert counts["Infiltration"] == 123  # as Wang et al., 2017, count them


def test_no_box_leaves_its_image(table: Path) -> None:
    """All edges lie within 0 and 1024."""
    for box in read_boxes(table):
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= 1024 and box.y + box.height <= 1024


def test_boxes_fit_the_findings_of_the_other_table(table: Path, cxrtk_data: Path) -> None:
    """More than nine boxes of ten are of a finding that the NIH's main table names for the image.

    The main table was revised in 2020, the boxes were not.
    """
    text = gzip.decompress((cxrtk_data / "nih_tables" / "Data_Entry_2017_v2020.csv.gz").read_bytes())
    findings = dict(line.split(",")[:2] for line in text.decode("utf-8").splitlines()[1:])
    boxes = read_boxes(table)
    assert {box.image for box in boxes} <= findings.keys()
    named = sum(box.finding in findings[box.image].split("|") for box in boxes)
    assert named > 0.9 * len(boxes)


def test_a_plain_table_is_read_too(tmp_path: Path) -> None:
    """Without .gz, with a byte-order mark, Windows' line ends, an empty line and the header's spare cells."""
    path = tmp_path / "b.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n{GOOD},,,\r\n\r\n".encode())
    (box,) = read_boxes(path)
    assert (box.stem, box.patient) == ("00013118_008", "00013118")
    assert box.area == pytest.approx(86.7796610169491 * 79.1864406779661)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.png,Mass,1,2,3", "has 5 cells"),
        ("a.png,Mass,1,2,3,4,5", "has 7 cells"),
        (",Mass,1,2,3,4", "names no image"),
        ("a.png,Masse,1,2,3,4", "'Masse' is none of Atelectasis"),
        ("a.png,No Finding,1,2,3,4", "'No Finding' is none of"),
        ("a.png,Mass,1,two,3,4", "could not convert string to float: 'two'"),
        ("a.png,Mass,1,,3,4", "could not convert"),
        ("a.png,Mass,nan,2,3,4", "is not a box"),
        ("a.png,Mass,1,2,inf,4", "is not a box"),
        ("a.png,Mass,-1,2,3,4", "is not a box"),
        ("a.png,Mass,1,2,0,4", "is not a box"),
        ("a.png,Mass,1,2,3,-4", "is not a box"),
        ("a.png,Mass,1000,2,25,4", "beyond the image's 1024"),
        ("a.png,Mass,1,1000,3,25", "beyond the image's 1024"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    """What is no box is refused in one line, with the file's name and the line's number."""
    path = tmp_path / "boxes.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n{line}\n")
    with pytest.raises(DataError) as caught:
        read_boxes(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: line 3: ") and message in text and "\n" not in text


@pytest.mark.parametrize("header", ["", "Image Index,Finding Labels,Follow-up #", "path,x,y,w,h,finding"])
def test_another_table_is_refused(tmp_path: Path, header: str) -> None:
    """A file with another header is not taken for a table of boxes."""
    path = tmp_path / "boxes.csv"
    path.write_text(f"{header}\n{GOOD}\n")
    with pytest.raises(DataError, match=r"boxes\.csv: line 1: .*is it the NIH's BBox_List_2017\.csv"):
        read_boxes(path)


def test_a_file_that_cannot_be_read(tmp_path: Path, table: Path) -> None:
    """A missing file, half a .gz and a binary file are refused by name."""
    half, binary = tmp_path / "half.csv.gz", tmp_path / "binary.csv"
    half.write_bytes(table.read_bytes()[:5000])
    binary.write_bytes(bytes(range(128, 256)))
    for path in (tmp_path / "none.csv", half, binary):
        with pytest.raises(DataError, match=rf"{path.name}: cannot be read"):
            read_boxes(path)


def test_written_boxes_come_back(tmp_path: Path, table: Path) -> None:
    """The NIH's boxes, written and read again, are equal to the last digit, under the NIH's header."""
    boxes = read_boxes(table)
    write_boxes(tmp_path / "b.csv", boxes)
    assert read_boxes(tmp_path / "b.csv") == boxes
    first = gzip.decompress(table.read_bytes()).splitlines()[0].decode("ascii")
    assert (tmp_path / "b.csv").read_text().splitlines()[0] == first


@pytest.mark.parametrize(
    ("shape", "of", "expected"),
    [
        ((SIDE, SIDE), (SIDE, SIDE), (100, 200, 40, 80)),
        ((256, 256), (SIDE, SIDE), (25, 50, 10, 20)),
        ((512, 2048), (SIDE, SIDE), (200, 100, 80, 40)),
        ((100, 400), (400, 200), (200, 50, 80, 20)),
    ],
)
def test_scale(shape: tuple[int, int], of: tuple[int, int], expected: tuple[float, ...]) -> None:
    """X and width go with the columns, y and height with the rows; worked out by hand."""
    box = scale_box(FindingBox("a.png", "Mass", 100, 200, 40, 80), shape, of)
    assert (box.x, box.y, box.width, box.height) == expected
    assert (box.image, box.finding) == ("a.png", "Mass")


def test_no_such_size() -> None:
    """A size without pixels is refused."""
    with pytest.raises(ConfigError, match="at least one row"):
        scale_box(FindingBox("a.png", "Mass", 1, 2, 3, 4), (0, 256))
