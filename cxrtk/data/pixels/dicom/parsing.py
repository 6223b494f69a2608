"""From an open file to a pydicom dataset: the header first, the pixel data once it is found good."""

from __future__ import annotations

import io
import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from cxrtk.data.pixels.content import describe
from cxrtk.data.pixels.dicom.files import DATASET_AT, PREFIX, PREFIX_AT, looks_like_dicom
from cxrtk.errors import CxrReadError

PIXEL_DATA = 0x7FE00010
HEADER_LIMIT = 16 * 2**20  # bytes of a deflated file that are inflated to find its header

# What pydicom 3 and the codecs under it were seen to raise on damaged files.
PARSE_ERRORS = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    OSError,
    RuntimeError,  # NotImplementedError and RecursionError too
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

_LOCK = threading.RLock()  # warning filters and log levels belong to the whole process


@contextmanager
def hushed() -> Iterator[list[warnings.WarningMessage]]:
    """Catch pydicom's warnings, which it yields, and log lines: both may quote a patient's values."""
    log = logging.getLogger("pydicom")
    with _LOCK, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        level = log.level
        log.setLevel(logging.CRITICAL + 1)
        try:
            yield said
        finally:
            log.setLevel(level)


@dataclass
class DicomFile:
    """A parsed header and the stream that stands where the pixel data begin."""

    path: str | Path
    dataset: Dataset
    stream: BinaryIO
    deflated: bytes = b""  # the compressed data set of a deflated file

    @property
    def little_endian(self) -> bool:
        """Byte order of the data set."""
        return self.dataset.original_encoding[1] is not False

    @property
    def syntax(self) -> UID:
        """Transfer syntax; where the file does not say, the uncompressed one that its encoding shows."""
        stated = self.dataset.file_meta.get("TransferSyntaxUID")
        if stated:
            return UID(stated)
        if not self.little_endian:
            return ExplicitVRBigEndian
        return ImplicitVRLittleEndian if self.dataset.original_encoding[0] else ExplicitVRLittleEndian

    def at_pixel_data(self) -> bool:
        """Whether the next element is (7FE0,0010) PixelData."""
        at = self.stream.tell()
        head = self.stream.read(4)
        self.stream.seek(at)
        return head == struct.pack("<HH" if self.little_endian else ">HH", 0x7FE0, 0x0010)

    def read_pixel_data(self, limit: int) -> None:
        """Add PixelData to the data set.

        Args:
            limit: Bytes to inflate at most where the file is deflated.

        Raises:
            CxrReadError: The file ends in its pixel data.
        """
        if self.deflated:
            at = self.stream.tell()
            self.stream = io.BytesIO(_inflate(self.deflated, at + limit))
            self.stream.seek(at)
        try:
            self.dataset.update(
                read_dataset(
                    self.stream,
                    bool(self.dataset.original_encoding[0]),
                    self.little_endian,
                    stop_when=lambda tag, _vr, _length: tag > PIXEL_DATA,
                )
            )
        except PARSE_ERRORS as error:
            raise self._cut() from error
        if PIXEL_DATA not in self.dataset:  # pydicom only warns where the delimiter is missing
            raise self._cut()

    def _cut(self) -> CxrReadError:
        what = "is truncated: its pixel data have no end"
        return CxrReadError(
            self.path, what, tag="(7FE0,0010) PixelData", cure="copy the file again", code="truncated"
        )


def parse(stream: BinaryIO, path: str | Path, keywords: Sequence[str] | None = None) -> DicomFile:
    """Parse all that stands before the pixel data; with `keywords`, only those attributes.

    Raises:
        CxrReadError: The file is not DICOM, or its header is damaged or cut off.
    """
    head = stream.read(DATASET_AT)
    if not looks_like_dicom(head):
        what = f"is not a DICOM file: it {describe(head)}"
        raise CxrReadError(path, what, cure="use the reader of its format", code="not_dicom")
    try:
        file = _parse(stream, path, keywords, head[PREFIX_AT:] == PREFIX)
        cut = _is_cut(file.dataset)
    except PARSE_ERRORS as error:
        what = f"has a damaged header ({type(error).__name__})"
        raise CxrReadError(path, what, cure="copy the file again", code="damaged") from error
    if cut:
        raise CxrReadError(path, "has a truncated header", cure="copy the file again", code="truncated")
    return file


def _parse(stream: BinaryIO, path: str | Path, keywords: Sequence[str] | None, prefix: bool) -> DicomFile:
    stream.seek(DATASET_AT if prefix else 0)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, _vr, _n: tag.group != 2)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        stream.seek(0)
        tags = list(keywords) if keywords else None
        header = dcmread(stream, stop_before_pixels=True, force=True, specific_tags=tags)
        return DicomFile(path, header, stream)
    # dcmread inflates without bound even for a header: 280 kB can be 549 MB.
    deflated = stream.read()
    inflated = io.BytesIO(_inflate(deflated, HEADER_LIMIT))
    dataset = read_dataset(inflated, False, True, stop_when=lambda tag, _vr, _n: tag >= PIXEL_DATA)
    dataset.file_meta = FileMetaDataset(meta)
    return DicomFile(path, dataset, inflated, deflated)


def _inflate(deflated: bytes, limit: int) -> bytes:
    """PS3.5 section A.5: a raw deflate stream; at most `limit` bytes of it."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(deflated, limit)


def _is_cut(dataset: Dataset) -> bool:
    """Whether the file ended within an element, or before the first."""
    raw = [element for element in dataset.elements() if isinstance(element, RawDataElement)]
    return len(dataset) == 0 or any(
        element.value is not None and element.length != 0xFFFFFFFF and len(element.value) < element.length
        for element in raw
    )
