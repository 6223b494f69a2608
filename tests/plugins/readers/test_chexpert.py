"""The reader of CheXpert. Columns and values: Irvin et al. 2019, and the page of the data."""

from pathlib import Path
from typing import Any

import pytest

from cxrtk import ConfigError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

from .table_folder import picture, table

HEADER = (
    "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,"
    "Lung Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,"
    "Fracture,Support Devices"
)
ROWS = (
    "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0,,,,,,,,,0.0,,,,1.0",
    "CheXpert-v1.0-small/train/patient00002/study1/view1_frontal.jpg,Male,87,Frontal,PA,,,-1.0,1.0,,-1.0,,,,,,,,",
    "CheXpert-v1.0-small/train/patient00002/study2/view2_lateral.jpg,Unknown,0,Lateral,,"
    + ",".join(["0.0"] * 13 + ["1.0"]),
)


def folder(root: Path, *rows: str, images: int = 3, inside: str = "") -> Path:
    """The archive's folder, or what is in it."""
    table(root / inside / "train.csv", HEADER, *(rows or ROWS))
    for row in ROWS[:images]:
        picture(root / inside / row.split(",")[0].partition("/")[2])
    return root


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("chexpert", root=str(root), **arguments)


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "chexpert"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "chexpert"))}


@pytest.mark.parametrize("inside", ["", "CheXpert-v1.0-small"])
def test_columns(tmp_path: Path, inside: str) -> None:
    """Patients by their folders; uncertain and blank findings are told beside those present."""
    items = reader_of(folder(tmp_path, inside=inside)).items()
    about = [(item["patient"], item["sex"], item["age"], item["view"]) for item in items]
    assert about == [
        ("patient00001", "F", 68, "AP"),
        ("patient00002", "M", 87, "PA"),
        ("patient00002", None, 0, "Lateral"),
    ]
    assert [item["findings"] for item in items] == [
        ("Support Devices",),
        ("Lung Opacity",),
        ("Support Devices",),
    ]
    assert items[1]["uncertain"] == ("Cardiomegaly", "Edema")
    assert "Pneumonia" in items[1]["blank"] and items[2]["blank"] == ()


@pytest.mark.parametrize(
    ("settings", "findings"),
    [
        ({"uncertain": "negative"}, [("No Finding",), ("No Finding",), ("No Finding",)]),
        ({"uncertain": "positive"}, [("No Finding",), ("Edema",), ("No Finding",)]),
        ({"uncertain": "leave_out"}, [("No Finding",), ("No Finding",)]),
        ({"blank": "leave_out"}, [("No Finding",), ("No Finding",)]),
    ],
)
def test_policies(tmp_path: Path, settings: dict, findings: list) -> None:
    """What -1 and blank mean is a setting, and concerns the findings that are asked for."""
    reader = reader_of(folder(tmp_path), findings=["Edema"], **settings)
    assert [item["findings"] for item in reader.items()] == findings


def test_rows_that_are_left_out_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of other views, and without an image."""
    assert len(reader_of(folder(tmp_path, images=2), views=["PA", "Lateral"]).items()) == 1
    assert "1 rows of other views are left out; 1 rows have no image (CheXpert-v1.0-small/" in caplog.text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROWS[0].replace("1.0,,", "2.0,,").replace(",0.0,", ",3,"), "line 2: Pneumothorax is '3'"),
        (ROWS[0].replace("patient00001", "x"), "line 2: .* has no folder of a patient"),
        (ROWS[0].replace("CheXpert-v1.0-small/", "../"), "line 2: .*not a path below the images"),
        (ROWS[0] + ",1.0", "line 2: has 20 columns, the header 19"),
    ],
)
def test_a_wrong_row(tmp_path: Path, row: str, said: str) -> None:
    """The line is named."""
    with pytest.raises(DataError, match=rf"train\.csv: {said}"):
        reader_of(folder(tmp_path, row))


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"uncertain": "zeros"}, ConfigError, "uncertain must be one of negative, positive, leave_out"),
        ({"findings": "Edema"}, DataError, "findings must be a list of"),
        ({"table": "none.csv"}, DataError, r"has no table none\.csv"),
        ({"views": ["LL"]}, DataError, "no row is left to read: 3 rows of other views"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: dict, error: type, said: str) -> None:
    """With those there are."""
    with pytest.raises(error, match=said):
        reader_of(folder(tmp_path), **arguments)


@pytest.mark.parametrize("age", ["inf", "nan", "old"])
def test_an_age_that_is_none(tmp_path: Path, age: str) -> None:
    """It is named with its line."""
    with pytest.raises(DataError, match=r"train\.csv: line 2: "):
        reader_of(folder(tmp_path, ROWS[0].replace("68", age)))
