"""The reader of VinDr-CXR. Columns: its description on PhysioNet, and the challenge's on Kaggle."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrtk import ConfigError, CxrReadError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

from .table_folder import dicom, table

PHYSIONET = "image_id,rad_id,class_name,x_min,y_min,x_max,y_max"
TEST = "image_id,class_name,x_min,y_min,x_max,y_max"
KAGGLE = "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max"
IDS = ["9" * 31 + str(number) for number in range(3)]
ROWS = [
    (IDS[0], "R11", "No finding", "", "", "", ""),
    (IDS[1], "R8", "Cardiomegaly", "10.0", "20.0", "40.0", "50.0"),
    (IDS[1], "R9", "Cardiomegaly", "20.0", "20.0", "50.0", "50.0"),
    (IDS[1], "R9", "Pleural effusion", "5.0", "6.0", "7.0", "8.0"),
]
SIZE = (60, 80)


def lines(kind: str, rows: list[tuple[str, ...]]) -> list[str]:
    if kind == PHYSIONET:
        return [",".join(row) for row in rows]
    if kind == TEST:
        return [",".join((row[0], *row[2:])) for row in rows]
    return [",".join((row[0], row[2], "3", row[1], *row[3:])) for row in rows]


def folder(root: Path, kind: str = PHYSIONET, rows: list[tuple[str, ...]] = ROWS) -> Path:
    name = {
        PHYSIONET: "annotations/annotations_train.csv",
        TEST: "annotations/annotations_test.csv",
        KAGGLE: "train.csv",
    }
    table(root / name[kind], kind, *lines(kind, rows))
    for each in IDS[:2]:
        dicom(root / ("test" if kind == TEST else "train") / f"{each}.dicom", SIZE)
    return root


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("vindr_cxr", root=str(root), **arguments)


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "vindr_cxr"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "vindr"))}


@pytest.mark.parametrize("kind", [PHYSIONET, KAGGLE])
def test_boxes_are_of_findings(tmp_path: Path, kind: str) -> None:
    """A mask a finding, the boxes of all radiologists filled; never lungs."""
    reader = reader_of(folder(tmp_path, kind))
    items = reader.items()
    assert [item["findings"] for item in items] == [("No Finding",), ("Cardiomegaly", "Pleural effusion")]
    assert [item["radiologists"] for item in items] == [1, 2]
    empty, label = (reader.read_label(item) for item in items)
    assert empty is not None and label is not None
    assert label.classes == empty.classes == ("cardiomegaly", "pleural_effusion")
    assert not empty.masks.any()
    wanted = np.zeros((2, *SIZE), np.uint8)
    wanted[0, 20:50, 10:50] = wanted[1, 6:8, 5:7] = 1
    assert np.array_equal(label.masks, wanted)


def test_agreement(tmp_path: Path) -> None:
    """A finding of one radiologist of two is none where two must agree."""
    reader = reader_of(folder(tmp_path), agreement=2)
    item = reader.items()[1]
    assert item["findings"] == ("Cardiomegaly",)
    label = reader.read_label(item)
    assert label is not None
    assert label.masks.any(axis=(1, 2)).tolist() == [True, False]


def test_the_consensus_of_the_test_part(tmp_path: Path) -> None:
    """Its table has no readers, and counts as agreed by all."""
    items = reader_of(folder(tmp_path, TEST), part="test", agreement=3).items()
    assert [(item["findings"], item["radiologists"]) for item in items] == [
        (("No Finding",), 5),
        (("Cardiomegaly", "Pleural effusion"), 5),
    ]


def test_some_classes(tmp_path: Path) -> None:
    """Those that are named, in that order."""
    reader = reader_of(folder(tmp_path), classes=["Pleural effusion"])
    label = reader.read_label(reader.items()[1])
    assert label is not None
    assert label.classes == ("pleural_effusion",)


@pytest.mark.parametrize(
    "arguments", [{"part": "x"}, {"agreement": 4}, {"classes": ["x"]}, {"classes": "Cardiomegaly"}]
)
def test_wrong_arguments(tmp_path: Path, arguments: dict) -> None:
    """They are settings."""
    with pytest.raises(ConfigError, match="must be"):
        reader_of(folder(tmp_path), **arguments)


def test_wrong_rows(tmp_path: Path) -> None:
    """A box without numbers when the table is read, one outside its image when the label is."""
    with pytest.raises(DataError, match=r"annotations_train\.csv: line 2: a box is four numbers"):
        reader_of(folder(tmp_path, rows=[(IDS[1], "R8", "Cardiomegaly", "", "", "", "")]))
    reader = reader_of(folder(tmp_path, rows=[(IDS[1], "R8", "Cardiomegaly", "1", "1", "300", "9")]))
    with pytest.raises(CxrReadError, match=rf"{IDS[1]}: the box .* outside the image of 80 x 60 pixels"):
        reader.read_label(reader.items()[0])
