"""Image files of every kind that `cxrtk` reads, with names that need care, and broken ones among them."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from cxrtk import phantom

Grey = npt.NDArray[np.uint8]

DX = "1.2.840.10008.5.1.4.1.1.1.1"
UID = "1.2.826.0.1.3680043.10.999"


def draw(seed: int, rows: int, columns: int) -> Grey:
    """A phantom of 8 bits, cut out of a square."""
    side = max(rows, columns)
    whole = np.round(phantom.draw(seed, side).pixels * 255).astype(np.uint8)
    top, left = (side - rows) // 2, (side - columns) // 2
    return whole[top : top + rows, left : left + columns]


def write_mixed(folder: Path) -> None:
    """One folder with everything: formats, nested names, broken files, and files that are no images."""
    upright, wide, small = draw(1, 96, 80), draw(2, 80, 96), draw(3, 64, 64)
    _save(upright, folder / "chest.png")
    _save(wide, folder / "ward a" / "chest.png")  # the stem of another
    _save(small, folder / "Zoë" / "Grüße & Co; 100 %, 图.PNG")
    _save(small.astype(np.uint16) * 257, folder / "Zoë" / "sixteen bits.png")
    _save(np.kron(small[:, ::-1], np.ones((9, 9), np.uint8)), folder / "large.png")  # 576 a side
    _save(np.full((64, 64), 90, np.uint8), folder / "flat.png")
    _save(small, folder / "=SUM(A1).png")
    _save(wide, folder / "-dash.jpg", quality=95)
    write_dicoms(folder / "dicom")
    write_niftis(folder / "nifti", upright)
    write_broken(folder / "broken", upright)
    (folder / "notes.txt").write_text("no image\n", encoding="utf-8")
    _save(small, folder / ".hidden.png")


def write_shipped(folder: Path) -> None:
    """Few images for the model that ships: each costs it a second."""
    _save(draw(5, 160, 128), folder / "phantom.png")
    _save(255 - draw(6, 128, 128), folder / "negative.png")
    source = get_testdata_file("RG1_UNCR.dcm", download=False)
    (folder / "RG1.dcm").write_bytes(Path(str(source)).read_bytes())


def write_dicoms(folder: Path) -> None:
    """Radiographs of both polarities, with and without spacing, flagged ones, and other modalities."""
    folder.mkdir(parents=True)
    pixels = draw(4, 80, 64).astype(np.uint16) * 16  # of 12 bits
    plain = {"PixelSpacing": [0.4, 0.4], "PixelSpacingCalibrationType": "GEOMETRY", "ViewPosition": "PA"}
    _dicom(folder / "calibrated.dcm", 1, pixels, **plain)
    _dicom(
        folder / "negative", 2, 4095 - pixels,
        PhotometricInterpretation="MONOCHROME1", ImagerPixelSpacing=[0.5, 0.25],
        PatientOrientation=["L", "F"],
    )  # fmt: skip
    _dicom(folder / "7.1.3", 3, pixels, WindowCenter=2000, WindowWidth=1500, PatientID=None)
    _dicom(folder / "lateral, burned in.dcm", 4, pixels, ViewPosition="LL", BurnedInAnnotation="YES")
    (folder / "cut.dcm").write_bytes((folder / "calibrated.dcm").read_bytes()[:3000])
    for name, path in {
        "Japanese.dcm": get_charset_files("chrJapMulti.dcm")[0],
        "spine": get_testdata_file("dicomdirtests/77654033/CR1/6154", download=False),
        "CT.dcm": get_testdata_file("CT_small.dcm", download=False),
    }.items():
        (folder / name).write_bytes(Path(path).read_bytes())


def write_niftis(folder: Path, pixels: Grey) -> None:
    """A slice, and a volume, which is no radiograph."""
    folder.mkdir(parents=True)
    affine = np.diag([0.3, 0.6, 1.0, 1.0])
    nibabel.save(nibabel.Nifti1Image(pixels.T.astype(np.int16), affine), folder / "slice.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.zeros((8, 8, 3), np.int16), affine), folder / "volume.nii")


def write_broken(folder: Path, pixels: Grey) -> None:
    """Files that cannot be read, each for another reason."""
    _save(pixels, folder / "truncated.png")
    whole = (folder / "truncated.png").read_bytes()
    (folder / "truncated.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("This is no picture.\n", encoding="utf-8")
    (folder / "empty.png").write_bytes(b"")
    (folder / "empty.dcm").write_bytes(b"")
    Image.fromarray(pixels > 99).save(folder / "one bit.png")
    Image.fromarray(np.stack([pixels, pixels // 2, pixels], axis=-1)).save(folder / "colour.png")


def _save(pixels: npt.NDArray[np.generic], path: Path, **how: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)


def _dicom(path: Path, number: int, pixels: npt.NDArray[np.uint16], **tags: object) -> None:
    """A DX file of 12 stored bits; keyword arguments set tags, ``None`` takes one away."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = DX
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = f"{UID}.{number}.1"
    data.StudyInstanceUID, data.SeriesInstanceUID = f"{UID}.{number}.2", f"{UID}.{number}.3"
    data.PatientName, data.PatientID, data.PatientBirthDate = "Doe^Jo", f"P{number}", "19500102"
    data.PatientSex, data.PatientAge, data.Modality = "F", "070Y", "DX"
    data.StudyDate, data.StudyTime, data.AccessionNumber = "20200304", "101112", "A1"
    data.ReferringPhysicianName, data.StudyID = "", "7"
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PixelData = pixels.tobytes()
    for keyword, value in tags.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    pydicom.dcmwrite(path, data, enforce_file_format=True)
