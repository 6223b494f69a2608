"""The reader of MIMIC-CXR-JPG. Columns, values and folders: its description on PhysioNet, 2.0.0."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from cxrtk import ConfigError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

from .table_folder import picture, table

METADATA = (
    "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,Columns,StudyDate,StudyTime,"
    "ProcedureCodeSequence_CodeMeaning,ViewCodeSequence_CodeMeaning,PatientOrientationCodeSequence_CodeMeaning"
)
IDS = [
    ("0a0a0a0a-0b0b0b0b-0c0c0c0c-0d0d0d0d-0e0e0e01", "19999001", "59999001", "PA"),
    ("0a0a0a0a-0b0b0b0b-0c0c0c0c-0d0d0d0d-0e0e0e02", "19999001", "59999001", "LATERAL"),
    ("0a0a0a0a-0b0b0b0b-0c0c0c0c-0d0d0d0d-0e0e0e03", "19999002", "59999002", "AP"),
]
LABELS = (
    "subject_id,study_id,Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,"
    "Lung Lesion,Lung Opacity,No Finding,"
    "Pleural Effusion,Pleural Other,Pneumonia,Pneumothorax,Support Devices"
)
STUDIES = ("19999001,59999001,,,,,,,,,1.0,,,,0.0,", "19999002,59999002,1.0,-1.0,,,,,,,,0.0,,,,")


def path_of(image: str, subject: str, study: str, _: str = "") -> str:
    return f"files/p{subject[:2]}/p{subject}/s{study}/{image}.jpg"


def folder(root: Path, *studies: str) -> Path:
    rows = [f"{i},{p},{s},CHEST (PA AND LAT),{v},3056,2544,21800101,120000.5,,," for i, p, s, v in IDS]
    table(root / "mimic-cxr-2.0.0-metadata.csv", METADATA, *rows)
    labels = "\n".join([LABELS, *(studies or STUDIES)]) + "\n"
    (root / "mimic-cxr-2.0.0-chexpert.csv.gz").write_bytes(gzip.compress(labels.encode()))
    parts = [
        f"{i},{s},{p},{part}" for (i, p, s, _), part in zip(IDS, ("train", "train", "test"), strict=True)
    ]
    table(root / "mimic-cxr-2.0.0-split.csv", "dicom_id,study_id,subject_id,split", *parts)
    for each in IDS:
        picture(root / path_of(*each))
    return root


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("mimic_cxr_jpg", root=str(root), **arguments)


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "mimic_cxr_jpg"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "mimic"))}


def test_columns(tmp_path: Path) -> None:
    """Labels are of studies, images are found by their identifiers."""
    items = reader_of(folder(tmp_path)).items()
    assert [Path(item["image"]).relative_to(tmp_path).as_posix() for item in items] == [
        path_of(*each) for each in IDS
    ]
    assert [(item["patient"], item["study"], item["view"]) for item in items] == [each[1:] for each in IDS]
    assert [item["findings"] for item in items] == [("No Finding",), ("No Finding",), ("Atelectasis",)]
    assert items[2]["uncertain"] == ("Cardiomegaly",)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({"split": "train"}, 2),
        ({"split": "test"}, 1),
        ({"views": ["PA", "AP"]}, 2),
        ({"uncertain": "leave_out"}, 2),
        ({"blank": "leave_out", "findings": ["Pneumothorax"]}, 2),
        ({"blank": "leave_out", "findings": ["Pleural Effusion"]}, 1),
    ],
)
def test_filters(tmp_path: Path, settings: dict, count: int) -> None:
    """Official parts, views and policies."""
    assert len(reader_of(folder(tmp_path), **settings).items()) == count


def test_a_study_without_labels_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its images are left out."""
    assert len(reader_of(folder(tmp_path, STUDIES[0])).items()) == 2
    assert "1 rows of studies without labels are left out" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"labeller": "negbio"}, DataError, r"has no table mimic-cxr-2\.0\.0-negbio\.csv"),
        ({"labeller": "x"}, DataError, "labeller must be one of chexpert, negbio"),
        ({"split": "valid"}, DataError, "split must be one of train, validate, test"),
        ({"split": "validate"}, DataError, "no row is left to read: 3 rows of other parts"),
        ({"blank": "x"}, ConfigError, "blank must be one of"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: dict, error: type, said: str) -> None:
    """With those there are."""
    with pytest.raises(error, match=said):
        reader_of(folder(tmp_path), **arguments)


def test_wrong_rows(tmp_path: Path) -> None:
    """The table and the line are named; an identifier is no path."""
    with pytest.raises(DataError, match=r"chexpert\.csv\.gz: line 2: Edema is '7'"):
        reader_of(folder(tmp_path, "19999001,59999001,,,,7,,,,,,,,,,"))
    root = folder(tmp_path / "b")
    path = root / "mimic-cxr-2.0.0-metadata.csv"
    path.write_text(path.read_text().replace(",19999002,", ",../../x,"))
    with pytest.raises(DataError, match=r"metadata\.csv: line 4: .* not an identifier"):
        reader_of(root)
