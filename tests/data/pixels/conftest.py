"""Small DICOM files, written one variant at a time."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, generate_uid

LITTLE = "1.2.840.10008.1.2.1"
DX = "1.2.840.10008.5.1.4.1.1.1.1"


@pytest.fixture
def ramp() -> np.ndarray:
    """(60, 40) uint16, the numbers 0 to 2399: no two pixels alike, so that no flip or swap passes unseen."""
    return np.arange(60 * 40, dtype=np.uint16).reshape(60, 40)


@pytest.fixture
def ramp8() -> np.ndarray:
    """(64, 48) uint8."""
    return np.arange(64 * 48, dtype=np.uint32).reshape(64, 48).astype(np.uint8)


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Image -> the bytes of a JPEG or JPEG 2000 file."""

    def encode(image: np.ndarray, form: str, **options: Any) -> bytes:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, form, **options)
        return stream.getvalue()

    return encode


@pytest.fixture
def write(tmp_path: Path, ramp: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a DX file of 12 stored bits; keyword arguments set tags, ``None`` takes one away."""
    monkeypatch.setattr(pydicom.config.settings, "writing_validation_mode", pydicom.config.IGNORE)

    def write(
        pixels: np.ndarray = ramp, syntax: str = LITTLE, encoded: bytes | None = None, **tags: Any
    ) -> Path:
        data = Dataset()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = UID(syntax)
        data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = UID(tags.pop("SOPClassUID", DX))
        data.SOPInstanceUID, data.StudyInstanceUID = generate_uid(), generate_uid()
        data.PatientName, data.PatientID, data.Modality = "DOE^JOHN", "MRN123", "DX"
        colour = pixels.ndim == 3 and pixels.shape[-1] == 3
        data.Rows, data.Columns = pixels.shape[:2] if colour else pixels.shape[-2:]
        data.SamplesPerPixel = 3 if colour else 1
        data.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
        if colour:
            data.PlanarConfiguration = 0
        elif pixels.ndim == 3:
            data.NumberOfFrames = pixels.shape[0]
        data.BitsAllocated = 8 * pixels.dtype.itemsize
        data.BitsStored = min(data.BitsAllocated, 12)
        data.HighBit = data.BitsStored - 1
        data.PixelRepresentation = int(pixels.dtype.kind == "i")
        data.PixelData = encapsulate([encoded]) if encoded else pixels.tobytes()
        if encoded:
            data["PixelData"].VR = "OB"
        path = tmp_path / "image.dcm"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of the files are meant to be wrong
            for keyword, value in tags.items():
                if value is None:
                    delattr(data, keyword)
                else:
                    setattr(data, keyword, value)
            data.save_as(path, enforce_file_format=True)
        return path

    return write
