"""The reader of the RSNA challenge. Columns and identifiers: the challenge's pages on Kaggle."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

from .table_folder import dicom, table

HEADER = "patientId,x,y,width,height,Target"
IDS = [
    "0004cfab-14fd-4e49-80ba-63a80b6bddd6",
    "00313ee0-9eaa-42f4-b0ab-c148ed3241cd",
    "00322d4d-1c29-4943-afc9-b6754be640eb",
]
ROWS = (
    f"{IDS[0]},,,,,0",
    f"{IDS[1]},,,,,0",
    f"{IDS[2]},264.0,152.0,213.0,379.0,1",
    f"{IDS[2]},562.0,152.0,256.0,453.0,1",
)
DETAILS = (
    "patientId,class",
    f"{IDS[0]},No Lung Opacity / Not Normal",
    f"{IDS[1]},Normal",
    f"{IDS[2]},Lung Opacity",
)


def folder(root: Path, *rows: str, details: bool = True, size: tuple[int, int] = (1024, 1024)) -> Path:
    table(root / "stage_2_train_labels.csv", HEADER, *(rows or ROWS))
    if details:
        table(root / "stage_2_detailed_class_info.csv", *DETAILS)
    for name in IDS:
        dicom(root / "stage_2_train_images" / f"{name}.dcm", size)
    return root


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("rsna_pneumonia", root=str(root), **arguments)


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "rsna_pneumonia"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "rsna"))}


def test_boxes_are_of_opacities(tmp_path: Path) -> None:
    """Filled, and never lungs; an image without a box has an empty mask."""
    reader = reader_of(folder(tmp_path))
    items = reader.items()
    assert [item["findings"] for item in items] == [("No Finding",), ("No Finding",), ("Lung Opacity",)]
    assert [item["detail"] for item in items] == [line.split(",")[1] for line in DETAILS[1:]]
    assert items[2]["boxes"] == ((264.0, 152.0, 477.0, 531.0), (562.0, 152.0, 818.0, 605.0))
    empty, _, label = (reader.read_label(item) for item in items)
    assert empty is not None and label is not None
    assert label.classes == ("lung_opacity",)
    assert not empty.masks.any()
    wanted = np.zeros((1024, 1024), np.uint8)
    wanted[152:531, 264:477] = wanted[152:605, 562:818] = 1
    assert np.array_equal(label.masks[0], wanted)


def test_without_details(tmp_path: Path) -> None:
    """That table is optional."""
    assert {item["detail"] for item in reader_of(folder(tmp_path, details=False)).items()} == {None}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{IDS[0]},1,2,3,4,0", "Target must be 1 with a box, or 0 without"),
        (f"{IDS[0]},,,,,1", "Target must be 1 with a box, or 0 without"),
        (f"{IDS[0]},1,2,3,,1", "Target must be 1 with a box, or 0 without"),
        (f"{IDS[0]},a,2,3,4,1", "a box is four numbers"),
    ],
)
def test_a_wrong_row(tmp_path: Path, row: str, said: str) -> None:
    """The line is named."""
    with pytest.raises(DataError, match=rf"labels\.csv: line 2: {said}"):
        reader_of(folder(tmp_path, row))


@pytest.mark.parametrize(
    ("row", "size", "said"),
    [
        (f"{IDS[0]},1000,2,300,4,1", (1024, 1024), "outside the image of 1024 x 1024"),
        (f"{IDS[0]},1,2,0,4,1", (1024, 1024), "has no area"),
        (f"{IDS[0]},1,2,3,4,1", (512, 512), "but .* is 512 x 512"),
    ],
)
def test_a_wrong_box(tmp_path: Path, row: str, size: tuple[int, int], said: str) -> None:
    """It is an error of the label."""
    reader = reader_of(folder(tmp_path, row, size=size))
    with pytest.raises(CxrReadError, match=said):
        reader.read_label(reader.items()[0])
