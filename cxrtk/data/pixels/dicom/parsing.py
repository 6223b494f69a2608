"""Parsing of an open file to a pydicom dataset: header first, pixel data once the header is validated."""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset, read_partial
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from cxrtk.data.pixels.content import WARNINGS_LOCK, describe, pointer_of
from cxrtk.data.pixels.dicom.bounded import Bounded
from cxrtk.data.pixels.dicom.files import DATASET_AT, PREFIX, PREFIX_AT, looks_like_dicom
from cxrtk.errors import CxrReadError

PIXEL_DATA = 0x7FE00010
FIRST_PIXELS = 0x7FE00008  # floating-point pixel data, which radiographs never have
UNDEFINED = 0xFFFFFFFF
CHARACTER_SET = 0x00080005  # parsed immediately, so its length is limited
LONGEST_CHARACTER_SET = 1024
HEADER_LIMIT = 16 * 2**20  # bytes inflated to find the header of a deflated file

# Exceptions of pydicom 3 and its codecs observed on damaged files.
PARSE_ERRORS = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    OSError,
    RuntimeError,  # also NotImplementedError and RecursionError
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def hushed() -> Iterator[list[warnings.WarningMessage]]:
    """Capture pydicom's warnings, which are yielded, and suppress its log lines and exception causes.

    All of them may quote a patient's values.
    """
    log = logging.getLogger("pydicom")
    with WARNINGS_LOCK, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        level = log.level
        log.setLevel(logging.CRITICAL + 1)
        try:
            yield said
        except CxrReadError as error:
            raise error from None
        finally:
            log.setLevel(level)


@dataclass
class DicomFile:
    """A parsed header, and the stream positioned at the pixel data."""

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
        """Transfer syntax; where it is missing, the uncompressed one implied by the encoding."""
        stated = self.dataset.file_meta.get("TransferSyntaxUID")
        if stated:
            return UID(stated)
        if not self.little_endian:
            return ExplicitVRBigEndian
        return ImplicitVRLittleEndian if self.dataset.original_encoding[0] else ExplicitVRLittleEndian

    def at_pixel_data(self) -> bool:
        """Return whether the next element is (7FE0,0010) PixelData."""
        at = self.stream.tell()
        head = self.stream.read(4)
        self.stream.seek(at)
        return head == struct.pack("<HH" if self.little_endian else ">HH", 0x7FE0, 0x0010)

    def read_pixel_data(self, limit: int) -> None:
        """Add PixelData to the data set.

        Args:
            limit: Maximum number of bytes, after inflation where the file is deflated.

        Raises:
            CxrReadError: The file ends within its pixel data, or they exceed the limit.
        """
        at = self.stream.tell()
        if self.deflated:
            self.stream = io.BytesIO(_inflate(self.deflated, at + limit))
            self.stream.seek(at)
        elif self._pixel_length(at) > limit:
            raise CxrReadError(
                self.path,
                f"has {self._pixel_length(at)} bytes of pixel data, more than one such image has",
                tag="(7FE0,0010) PixelData",
                cure="correct (0028,0008) NumberOfFrames, or leave it out",
                code="multi_frame",
            )
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

    def _pixel_length(self, at: int) -> int:
        """Return the length of the pixel data, or of the rest of the file where none is declared."""
        head = self.stream.read(12)
        end = self.stream.seek(0, io.SEEK_END)
        self.stream.seek(at)
        place = 4 if self.dataset.original_encoding[0] else 8
        stated = int.from_bytes(head[place : place + 4], "little" if self.little_endian else "big")
        return min(stated, end - at)

    def _cut(self) -> CxrReadError:
        what = "is truncated: its pixel data have no end"
        return CxrReadError(
            self.path, what, tag="(7FE0,0010) PixelData", cure="copy the file again", code="truncated"
        )


def parse(stream: BinaryIO, path: str | Path, keywords: Sequence[str] | None = None) -> DicomFile:
    """Parse the elements before the pixel data; with `keywords`, only those attributes.

    Raises:
        CxrReadError: The file is not DICOM, or its header is damaged or truncated.
    """
    head = stream.read(DATASET_AT)
    if not looks_like_dicom(head):
        what = f"is not a DICOM file: it {describe(head)}"
        pointer = pointer_of(head)
        cure = "use the reader of its format" if pointer is None else pointer.cure
        raise CxrReadError(path, what, cure=cure, code="not_dicom")
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
    first: Any = Bounded(stream, path)
    meta = read_dataset(first, False, True, stop_when=lambda tag, _vr, _n: tag.group != 2)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        stream.seek(0)
        tags: Any = [tag_for_keyword(keyword) for keyword in keywords] if keywords else None
        bounded: Any = Bounded(stream, path)
        header = read_partial(bounded, _Before(path, FIRST_PIXELS), force=True, specific_tags=tags)
        return DicomFile(path, header, stream)
    # pydicom inflates without limit even for a header: 280 kB can become 549 MB.
    deflated = stream.read()
    inflated = io.BytesIO(_inflate(deflated, HEADER_LIMIT))
    bounded = Bounded(inflated, path)
    dataset = read_dataset(bounded, False, True, stop_when=_Before(path, FIRST_PIXELS))
    dataset.file_meta = FileMetaDataset(meta)
    return DicomFile(path, dataset, inflated, deflated)


class _Before:
    """Callback that stops a parser before a given tag, and checks lengths before values are read."""

    def __init__(self, path: str | Path, stop: int) -> None:
        self._path = path
        self._stop = stop

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        number = int(tag)  # pydicom's tags compare in Python, which would be a tenth of the parser's time
        if number == CHARACTER_SET and LONGEST_CHARACTER_SET < length != UNDEFINED:
            raise CxrReadError(
                self._path,
                f"has {length} bytes where a few are needed",
                tag="(0008,0005) SpecificCharacterSet",
                cure="copy the file again, or leave it out",
                code="header",
            )
        return number >= self._stop


def _inflate(deflated: bytes, limit: int) -> bytes:
    """Inflate at most `limit` bytes of a raw deflate stream (PS3.5 section A.5)."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(deflated, limit)


def _is_cut(dataset: Dataset) -> bool:
    """Return whether the file ended within an element, or before the first one."""
    raw = [element for element in dataset.elements() if isinstance(element, RawDataElement)]
    return len(dataset) == 0 or any(
        element.value is not None and element.length != 0xFFFFFFFF and len(element.value) < element.length
        for element in raw
    )
