"""The reader of SIIM-ACR. Columns, -1 and the coding: the challenge's pages on Kaggle."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

from .table_folder import dicom, table

HEADER = "ImageId, EncodedPixels"  # with the blank that the file has
IDS = [f"1.2.276.0.7230010.3.1.4.8323329.{number}.1517875161.123456" for number in range(3)]
ROWS = (f"{IDS[0]}, -1", f"{IDS[1]},5 2 1020 3", f"{IDS[1]}, 4096 1")


def folder(root: Path, *rows: str, size: tuple[int, int] = (1024, 1024)) -> Path:
    table(root / "train-rle.csv", HEADER, *(rows or ROWS))
    for number, name in enumerate(IDS[:2]):
        dicom(root / "dicom-images-train" / f"1.2.{number}" / f"1.3.{number}" / f"{name}.dcm", size)
    return root


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("siim_acr", root=str(root), **arguments)


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "siim_acr"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "siim"))}


def test_masks_are_of_the_pneumothorax(tmp_path: Path) -> None:
    """Several rows of an image are united; -1 is an empty mask.

    By hand: a gap of 5, 2 pixels, a gap of 1020, 3 pixels, down the columns of 1024.
    """
    reader = reader_of(folder(tmp_path))
    items = reader.items()
    assert [item["findings"] for item in items] == [("No Finding",), ("Pneumothorax",)]
    empty, label = (reader.read_label(item) for item in items)
    assert empty is not None and label is not None
    assert (label.classes, label.truth) == (("pneumothorax",), "human")
    assert not empty.masks.any()
    assert np.argwhere(label.masks[0]).tolist() == [[0, 4], [3, 1], [4, 1], [5, 0], [5, 1], [6, 0]]
    with pytest.raises(ValueError, match="no complete lungs"):
        label.lungs()


def test_blank_masks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They say nothing, unless a setting says that they are empty."""
    root = folder(tmp_path, *ROWS[1:], f"{IDS[0]},")
    assert len(reader_of(root).items()) == 1
    assert "1 rows with a blank mask are left out" in caplog.text
    assert [item["findings"] for item in reader_of(root, blank="negative").items()][1] == ("No Finding",)


def test_patients(tmp_path: Path) -> None:
    """None are published; a table may give them."""
    root = folder(tmp_path)
    assert [item["patient"] for item in reader_of(root).items()] == IDS[:2]
    path = table(tmp_path / "patients.csv", "image,patient", f"{IDS[0]},p", f"{IDS[1]}.dcm,p")
    assert [item["patient"] for item in reader_of(root, patients=str(path)).items()] == ["p", "p"]


def test_images_that_are_not_there_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And a table of which none is there is an error."""
    reader_of(folder(tmp_path, *ROWS, f"{IDS[2]}, -1"))
    assert f"1 images of the table are not there ({IDS[2]})" in caplog.text
    with pytest.raises(DataError, match="no row is left to read"):
        reader_of(folder(tmp_path, f"{IDS[2]}, -1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [("1 2 3", "not pairs of gap"), ("1048570 9", "run 1 ends behind"), ("a b", "not an integer")],
)
def test_a_wrong_mask(tmp_path: Path, text: str, said: str) -> None:
    """The image is named, when its mask is read."""
    reader = reader_of(folder(tmp_path, f"{IDS[0]},{text}"))
    with pytest.raises(CxrReadError, match=rf"train-rle\.csv: {IDS[0]}: .*{said}"):
        reader.read_label(reader.items()[0])


def test_images_of_another_size(tmp_path: Path) -> None:
    """Masks are not stretched."""
    reader = reader_of(folder(tmp_path, size=(512, 512)))
    with pytest.raises(CxrReadError, match=r"about images of 1024 x 1024 pixels, but .* is 512 x 512"):
        reader.read_label(reader.items()[0])
