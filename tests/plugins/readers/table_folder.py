"""Images and tables in the layouts of published data sets.

Headers are those that the publishers document. Most tables may not be passed on, so that the rows are not
taken from them: their identifiers have the documented form, and their values are of every documented kind.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def picture(path: Path, size: tuple[int, int] = (20, 30), bits: int = 8) -> Path:
    """A grey picture, as PNG or JPEG by its suffix; no two of different names are alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(len(str(path))).integers(0, 2**bits, size)
    Image.fromarray(pixels.astype(np.uint8 if bits == 8 else np.uint16)).save(path)
    return path


def dicom(path: Path, size: tuple[int, int] = (1024, 1024)) -> Path:
    """A DX file of that many rows and columns, of 8 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = (
        pydicom.uid.DigitalXRayImageStorageForPresentation
    )
    data.SOPInstanceUID, data.Modality, data.PhotometricInterpretation = generate_uid(), "DX", "MONOCHROME2"
    (data.Rows, data.Columns), data.SamplesPerPixel = size, 1
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = (np.arange(size[0] * size[1]) % 251).astype(np.uint8).tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def table(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
