"""The reader of PadChest. Columns and values: Bustos et al. 2020, and the README of the data."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, DataError, Reader, readers
from cxrtk.testing import ReaderContract

from .table_folder import picture, table

NAME = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
HEADER = (
    ",ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,ViewPosition_DICOM,Projection,"
    "MethodProjection,Pediatric,Modality_DICOM,Manufacturer_DICOM,PhotometricInterpretation_DICOM,"
    "PixelRepresentation_DICOM,PixelAspectRatio_DICOM,SpatialResolution_DICOM,BitsStored_DICOM,WindowCenter_DICOM,"
    "WindowWidth_DICOM,Rows_DICOM,Columns_DICOM,XRayTubeCurrent_DICOM,Exposure_DICOM,ExposureInuAs_DICOM,ExposureTime,"
    "RelativeXRayExposure_DICOM,ReportID,Report,MethodLabel,Labels,Localizations,LabelsLocalizationsBySentence,"
    "labelCUIS,LocalizationsCUIS"
)


def row(number: int, folder: str, labels: str, projection: str = "PA", method: str = "Physician") -> str:
    start = f"{number},9999{number}_abc{number}.png,{folder},20140101,9999{number},pat{number // 2},1930.0,F,"
    middle = (
        "POSTEROANTERIOR,"
        + projection
        + ",Manual review of DICOM fields,No,CR,Maker,MONOCHROME2,0,,0.2,12,2048,4096,"
    )
    end = f'3000,2500,100,1,1000,10,,{number},texto . otro .,{method},"{labels}",[],[],[],[]'
    return start + middle + end


ROWS = (
    row(0, "0", "['pulmonary fibrosis', 'chronic changes', ' kyphosis']"),
    row(1, "0", "['normal']", "L", "RNN_model"),
    row(2, "54", "['', 'pneumonia', 'pneumonia', 'normal']", "AP_horizontal"),
    row(3, "54", ""),
)


def folder(root: Path, *rows: str, flat: bool = False) -> Path:
    table(root / NAME, HEADER, *(rows or ROWS))
    for each in ROWS:
        _, name, place, *_ = each.split(",")
        picture(root / ("" if flat else place) / name, bits=16)
    return root


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("padchest", root=str(root), **arguments)


class TestContract(ReaderContract):
    """What holds for every reader."""

    plugin = "padchest"

    @pytest.fixture
    def kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"root": str(folder(tmp_path / "padchest"))}


@pytest.mark.parametrize("flat", [False, True])
def test_columns(tmp_path: Path, flat: bool) -> None:
    """Labels are lists of texts; `normal` alone is no finding; images lie in numbered folders or the root."""
    reader = reader_of(folder(tmp_path, flat=flat))
    items = reader.items()
    assert [item["findings"] for item in items] == [
        ("pulmonary fibrosis", "chronic changes", "kyphosis"),
        ("No Finding",),
        ("pneumonia",),
    ]
    assert [(item["patient"], item["view"], item["method"]) for item in items] == [
        ("pat0", "PA", "Physician"),
        ("pat0", "L", "RNN_model"),
        ("pat1", "AP_horizontal", "Physician"),
    ]
    stored = np.asarray(Image.open(items[0]["image"]))
    assert np.array_equal(reader.read(items[0]["image"]).pixels, (stored / 65535).astype(np.float32))


@pytest.mark.parametrize(
    ("settings", "count"),
    [({"blank": "negative"}, 4), ({"views": ["PA", "L"]}, 2), ({"method": "RNN_model"}, 1)],
)
def test_filters(tmp_path: Path, settings: dict, count: int) -> None:
    """Blank labels, projections, and who wrote the labels."""
    items = reader_of(folder(tmp_path), **settings).items()
    assert len(items) == count
    if "blank" in settings:
        assert items[-1]["findings"] == ("No Finding",)


@pytest.mark.parametrize("labels", ["__import__('os')", "('a',)", "[1]", "['a'", "[" * 9000])
def test_labels_are_never_run(tmp_path: Path, labels: str) -> None:
    """Anything but a list of texts is an error with its line."""
    with pytest.raises(DataError, match=r"160K.*: line 2: Labels is not a list of texts"):
        reader_of(folder(tmp_path, row(0, "0", labels)))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"blank": "x"}, "blank must be one of"), ({"method": "x"}, "Physician, RNN_model")],
)
def test_wrong_arguments(tmp_path: Path, arguments: dict, said: str) -> None:
    """With those there are."""
    with pytest.raises(ConfigError, match=said):
        reader_of(folder(tmp_path), **arguments)


def test_wrong_rows(tmp_path: Path) -> None:
    """A path out of the folder, and a row without a patient."""
    with pytest.raises(DataError, match=r"line 2: .*not a path below"):
        reader_of(folder(tmp_path, row(0, "..", "['a']")))
    with pytest.raises(DataError, match="line 2: has no PatientID"):
        reader_of(folder(tmp_path, row(0, "0", "['a']").replace("pat0", "")))
