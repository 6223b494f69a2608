"""Small image files, made one variant at a time; those of the catalogue of bad input among them."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, generate_uid

# H = 64, W = 48, and H = 60, W = 40 of 12 bits: no flip or swap of either passes unseen.
GREY = np.arange(64 * 48, dtype=np.uint32).reshape(64, 48).astype(np.uint8)
RAMP = np.arange(60 * 40, dtype=np.uint16).reshape(60, 40)

LITTLE, IMPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in (".1", "", ".2", ".1.99"))
RLE = "1.2.840.10008.1.2.5"
JPEG, JPEG12, LOSSLESS, LOSSLESS_SV1, JPEG_LS, J2K, MPEG2, HTJ2K = (
    f"1.2.840.10008.1.2.4.{end}" for end in (50, 51, 57, 70, 80, 90, 100, 201)
)
DX = "1.2.840.10008.5.1.4.1.1.1.1"


def dicom(
    path: Path, pixels: np.ndarray = RAMP, syntax: str = LITTLE, encoded: bytes | None = None, **tags: Any
) -> Path:
    """Write a DX file of 12 stored bits; keyword arguments set tags, ``None`` takes one away."""
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
    settings = pydicom.config.settings
    strictness = settings.writing_validation_mode
    settings.writing_validation_mode = pydicom.config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of the files are meant to be wrong
            for keyword, value in tags.items():
                if value is None:
                    delattr(data, keyword)
                else:
                    setattr(data, keyword, value)
            data.save_as(path, enforce_file_format=True)
    finally:
        settings.writing_validation_mode = strictness
    return path


def compressed(path: Path, syntax: str) -> Path:
    """The file, its pixel data compressed by pydicom."""
    data = pydicom.dcmread(path)
    data.compress(syntax)
    data.save_as(path, enforce_file_format=True)
    return path


def put(path: Path, content: bytes) -> Path:
    """Write bytes."""
    path.write_bytes(content)
    return path


def cut(path: Path, size: int | None = None) -> Path:
    """Keep the first `size` bytes of a file, or half of it."""
    content = path.read_bytes()
    return put(path, content[: len(content) // 2 if size is None else size])


def encode(image: np.ndarray | Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Image -> the bytes of a file, by Pillow."""
    stream = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(stream, form, **options)
    return stream.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(
    width: int, height: int, packed: bytes, bits: int = 8, interlaced: int = 0, extra: bytes = b""
) -> bytes:
    """A grey PNG put together by hand; `packed` is the compressed rows, `extra` more chunks before them."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, interlaced)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def adam7(samples: np.ndarray) -> bytes:
    """The rows of the seven reduced images of an interlaced PNG, unfiltered."""
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    return b"".join(
        b"\0" + row.tobytes() for x, y, dx, dy in passes for row in samples[y::dy, x::dx] if row.size
    )


def rle_frame(image: np.ndarray) -> bytes:
    """A frame of RLE Lossless by PS3.5 annex G, most significant byte first; equal rows of bytes as runs."""
    planes = image.astype(f">u{image.dtype.itemsize}").view(np.uint8).reshape(image.size, -1).T
    segments = []
    for plane in planes:
        segment = b""
        for at in range(0, plane.size, 128):
            part = plane[at : at + 128].tobytes()
            if len(part) > 1 and len(set(part)) == 1:
                segment += bytes([257 - len(part), part[0]])
            else:
                segment += bytes([len(part) - 1]) + part
        segments.append(segment + b"\0" * (len(segment) % 2))
    offsets = [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    header = struct.pack("<16I", len(segments), *offsets, *[0] * (15 - len(segments)))
    return header + b"".join(segments)
