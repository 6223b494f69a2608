"""The images of a table, in the image trees of each of the five sets."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from cxrtk import DataError, readers

from .tables import NAMES, SIZE, row, write_image, write_table


def test_two_images_of_one_name(root):
    """Which one the masks are of cannot be told."""
    write_image(root / "images_003/images" / NAMES[0])
    with pytest.raises(DataError, match=r"line 2: there are two images 00000001_000: .*_001.*_003"):
        readers.create("chexmask", root=str(root))


# --- the other sets


def test_chexpert(tmp_path):
    """Images are found by path, with or without the folder that the archive unpacks to."""
    names = (
        "train/patient40255/study2/view1_frontal.jpg",
        "CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg",
    )
    write_image(tmp_path / "CheXpert-v1.0/train/patient40255/study2/view1_frontal.jpg")
    write_image(tmp_path / "CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg")
    write_table(tmp_path / "OriginalResolution/CheXpert.csv", [row(name) for name in names], column="Path")
    reader = readers.create("chexmask", root=str(tmp_path))
    assert [item["patient"] for item in reader.items()] == ["patient40255", "patient00001"]
    assert reader.read_label(reader.items()[1]) is not None


@pytest.mark.parametrize("name", ["../outside.png", "/etc/passwd", "a/../../outside.png", ""])
def test_no_path_leads_out_of_the_folder(tmp_path, name):
    """A table is a stranger's: it opens nothing outside the images."""
    write_image(tmp_path / "outside.png")
    write_table(tmp_path / "data/CheXpert.csv", [row(name)], column="Path")
    with pytest.raises(DataError, match=r"CheXpert\.csv: line 2: .* is not a path below the images"):
        readers.create("chexmask", root=str(tmp_path / "data"))


MIMIC_ID = "02aa804e-bde0afdd-112c0b34-7bc16630-4e384014"


def test_mimic(tmp_path):
    """The patient is the folder that the archive has; not the group of patients above it."""
    write_image(tmp_path / f"files/p10/p10000032/s50414267/{MIMIC_ID}.jpg")
    write_table(tmp_path / "MIMIC-CXR-JPG.csv", [row(MIMIC_ID)], column="dicom_id")
    (item,) = readers.create("chexmask", root=str(tmp_path)).items()
    assert item["patient"] == "p10000032"


def test_mimic_in_one_folder(tmp_path):
    """Without those folders the metadata name the patients; without both it is an error."""
    write_image(tmp_path / f"{MIMIC_ID}.jpg")
    write_table(tmp_path / "MIMIC-CXR-JPG.csv", [row(MIMIC_ID)], column="dicom_id")
    with pytest.raises(DataError, match=r"line 2: .* is in no folder that names the patient"):
        readers.create("chexmask", root=str(tmp_path))
    metadata = tmp_path / "meta/mimic-cxr-2.0.0-metadata.csv"
    metadata.parent.mkdir()
    metadata.write_text(f"dicom_id,subject_id,study_id\n{MIMIC_ID},10000032,50414267\n")
    (item,) = readers.create("chexmask", root=str(tmp_path), patients=str(metadata)).items()
    assert item["patient"] == "10000032"


PADCHEST_ID = "216840111366964013076187734852011201090749220_00-141-151.png"


def padchest(folder: Path, table: str) -> dict[str, str]:
    """An image, its masks, and the table of PadChest."""
    write_image(folder / "0" / PADCHEST_ID)
    write_table(folder / "Padchest.csv", [row(PADCHEST_ID)], column="ImageID")
    (folder / "own").mkdir()
    (folder / "own/PADCHEST.csv").write_text(table)
    return {"root": str(folder), "patients": str(folder / "own/PADCHEST.csv")}


def test_padchest(tmp_path):
    """Its own table names the patients; a name alone does not."""
    arguments = padchest(tmp_path, f",ImageID,StudyID,PatientID\n0,{PADCHEST_ID},20,839860488694292331637\n")
    (item,) = readers.create("chexmask", **arguments).items()
    assert item["patient"] == "839860488694292331637"
    with pytest.raises(DataError, match="do not identify the patients; pass its table as patients="):
        readers.create("chexmask", root=str(tmp_path))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("ImageID,Patient\na,b\n", r"PADCHEST\.csv: line 1: needs the columns 'ImageID' and 'PatientID'"),
        ("ImageID,PatientID\na.png\n", r"PADCHEST\.csv: line 2: has 1 columns, the header 2"),
        ("ImageID,PatientID\na.png,1\n", r"Padchest\.csv: line 2: .*PADCHEST\.csv has no patient for 2168"),
        (f"ImageID,PatientID\n{PADCHEST_ID},\n", r"Padchest\.csv: line 2: .* has no patient for 2168"),
    ],
)
def test_a_wrong_table_of_patients(tmp_path, table, message):
    """A patient is never guessed, for a split by patient would leak."""
    with pytest.raises(DataError, match=message):
        readers.create("chexmask", **padchest(tmp_path, table))


def write_dicom(path: Path) -> None:
    """A plain DX file of `SIZE`."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    dataset.Modality, dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "DX", "MONOCHROME2", 1
    dataset.Rows, dataset.Columns = SIZE
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = np.arange(SIZE[0] * SIZE[1], dtype=np.uint16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def test_vindr(tmp_path):
    """Its images are DICOM files; nothing tells the patients, so each image counts as one."""
    names = ("000434271f63a053c4128a0ba6352c7f", "00053190460d56c53cc3e57321387478")
    (tmp_path / "train").mkdir()
    for name in names:
        write_dicom(tmp_path / f"train/{name}.dicom")
    write_table(tmp_path / "VinDr-CXR.csv", [row(name) for name in names], column="image_id")
    reader = readers.create("chexmask", root=str(tmp_path))
    assert [item["patient"] for item in reader.items()] == list(names)
    item = reader.items()[0]
    assert reader.read(item["image"]).pixels.shape == reader.read_label(item).masks.shape[1:]
