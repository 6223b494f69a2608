"""The reader of nnU-Net's folders."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, CxrReadError, DataError, readers
from cxrtk.testing import ReaderContract

NUMBERS = np.zeros((20, 30), np.uint8)
NUMBERS[4:15, 3:11], NUMBERS[5:16, 18:26] = 1, 2
VERSION_2 = {"channel_names": {"0": "xray"}, "labels": {"background": 0, "right lung": 1, "Left_Lung": 2}}
VERSION_1 = {"modality": {"0": "xray"}, "labels": {"0": "background", "1": "right lung", "2": "Left_Lung"}}


def folder(root: Path, about: Any = VERSION_2, suffix: str = "png") -> Path:
    """Three cases, two of which have labels, as nnU-Net documents its dataset format."""
    for part in ("imagesTr", "labelsTr"):
        (root / part).mkdir(parents=True)
    for number, case in enumerate(("CXR_001", "CXR_002", "CXR_003")):
        Image.fromarray(NUMBERS * np.uint8(50) + np.uint8(number)).save(
            root / "imagesTr" / f"{case}_0000.png"
        )
        if number < 2:
            Image.fromarray(NUMBERS).save(root / "labelsTr" / f"{case}.{suffix}")
    (root / "dataset.json").write_text(json.dumps(about))
    return root


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "nnunet"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "Dataset001_Lungs"))}


@pytest.mark.parametrize("about", [VERSION_2, VERSION_1], ids=["version 2", "version 1"])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_cases_and_labels(tmp_path: Path, about: dict, suffix: str) -> None:
    """Cases are named without the channel; classes are those of dataset.json, in this project's words."""
    reader = readers.create("nnunet", root=folder(tmp_path, about, suffix))
    items = reader.items()
    assert (
        [item["stem"] for item in items]
        == [item["patient"] for item in items]
        == ["CXR_001", "CXR_002", "CXR_003"]
    )
    assert [reader.has_label(item) for item in items] == [True, True, False]
    label = reader.read_label(items[0])
    assert label is not None
    assert (label.classes, label.truth, label.heart) == (("right_lung", "left_lung"), "human", "unknown")
    assert np.array_equal(label.masks, [NUMBERS == 1, NUMBERS == 2])
    assert reader.files(items[0])[1].endswith(f"labelsTr/CXR_001.{suffix}")


def test_a_table_of_patients(tmp_path: Path) -> None:
    """As that of any folder of one's own."""
    root = folder(tmp_path)
    (root / "cases.csv").write_text("case;PatientID\nCXR_001;p\nCXR_002;p\nCXR_003;q\n")
    reader = readers.create("nnunet", root=root, table="cases.csv", delimiter=";", patient="PatientID")
    assert [item["patient"] for item in reader.items()] == ["p", "p", "q"]


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({}, "names no labels"),
        ([], "names no labels"),
        ({"labels": {"background": 0, "regions": [1, 2]}}, "one number each"),
    ],
)
def test_a_wrong_dataset_json(tmp_path: Path, about: Any, said: str) -> None:
    """It is named, with an example."""
    with pytest.raises(DataError, match=rf"dataset\.json: .*{said}"):
        readers.create("nnunet", root=folder(tmp_path, about))


def test_a_number_without_a_name(tmp_path: Path) -> None:
    """It is an error of the label."""
    reader = readers.create("nnunet", root=folder(tmp_path, {"labels": {"background": 0, "lung": 1}}))
    with pytest.raises(CxrReadError, match=r"CXR_001\.png: holds the class numbers \[2\]"):
        reader.read_label(reader.items()[0])


def test_a_second_channel(tmp_path: Path) -> None:
    """A radiograph has one; the layout wanted is said."""
    root = folder(tmp_path)
    Image.fromarray(NUMBERS).save(root / "imagesTr/CXR_001_0001.png")
    with pytest.raises(
        DataError, match=r"CXR_001_0001\.png: has no _0000 .* expected dataset\.json, imagesTr/"
    ):
        readers.create("nnunet", root=root)


def test_another_delimiter(tmp_path: Path) -> None:
    """It is one character."""
    with pytest.raises(ConfigError, match="delimiter"):
        readers.create("nnunet", root=folder(tmp_path), table="dataset.json", delimiter="::")
