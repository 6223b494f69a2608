"""Checks of the header before any pixel is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.uid import UID, MPEGTransferSyntaxes

from cxrtk.data.pixels.content import check_size
from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS, DicomFile
from cxrtk.data.pixels.dicom.spacing import Warn
from cxrtk.data.pixels.dicom.values import MISSING, allowed, code, tag, value_of
from cxrtk.errors import CxrReadError

GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
NO_IMAGE = "leave it out, or copy it again if it should hold one"
COPY_AGAIN = "copy the file again, or leave it out"


@dataclass(frozen=True)
class ImageHeader:
    """Validated description of the stored pixel data."""

    syntax: UID
    photometric: str
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool

    @property
    def low(self) -> int:
        """Smallest value of the stored bits."""
        return -(1 << (self.bits_stored - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """Largest value of the stored bits."""
        return self.low + (1 << self.bits_stored) - 1

    @property
    def pixel_bytes(self) -> int:
        """Length of the uncompressed image, without padding."""
        samples = 2 if self.photometric == "YBR_FULL_422" and not self.syntax.is_compressed else self.samples
        return self.rows * self.columns * samples * self.bits_allocated // 8


def check_header(
    file: DicomFile, modalities: Sequence[str] | None, max_pixels: int, warn: Warn
) -> ImageHeader:
    """Check that the file holds one image of an accepted modality, with a supported size and bit depth.

    Raises:
        CxrReadError: A check fails; the message names the attribute.
    """
    _check_object(file, modalities)
    _check_frames(file, warn)
    photometric = _photometric(file)
    samples = _integer(file, "SamplesPerPixel", 1, 3)
    if samples != (1 if photometric in GREY else 3):
        raise _error(file, f"does not fit {photometric}", "SamplesPerPixel", samples)
    rows, columns = (_integer(file, keyword, 1, 0xFFFF) for keyword in ("Rows", "Columns"))
    check_size(file.path, rows, columns, max_pixels)
    allocated = _integer(file, "BitsAllocated", 8, 16)
    if allocated not in (8, 16):
        raise _error(file, "must be 8 or 16 in a radiograph", "BitsAllocated", allocated)
    stored = _integer(file, "BitsStored", 1, allocated)
    return ImageHeader(
        syntax=file.syntax,
        photometric=photometric,
        rows=rows,
        columns=columns,
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=_high_bit(file, stored, allocated, warn),
        signed=_integer(file, "PixelRepresentation", 0, 1) == 1,
    )


def _check_object(file: DicomFile, modalities: Sequence[str] | None) -> None:
    """Check for an image of an accepted modality, in a transfer syntax other than video."""
    modality = code(file.dataset, "Modality")
    if not file.at_pixel_data():
        kind = f" (Modality {modality})" if allowed("Modality", modality) else ""
        raise CxrReadError(
            file.path, f"holds no image{kind}", tag=tag("PixelData"), cure=NO_IMAGE, code="no_image"
        )
    if modalities is not None and modality not in modalities:
        raise CxrReadError(
            file.path,
            f"is not one of the modalities {', '.join(filter(None, modalities))}",
            tag=tag("Modality", modality or MISSING),
            cure="leave it out, or read it anyway with modalities=None",
            code="modality",
        )
    if file.syntax in MPEGTransferSyntaxes:
        raise CxrReadError(
            file.path,
            f"is a video ({file.syntax.name})",
            tag=tag("TransferSyntaxUID", file.syntax),
            cure="leave it out",
            code="video",
        )


def _check_frames(file: DicomFile, warn: Warn) -> None:
    if file.dataset.get_item("NumberOfFrames") is None:
        return
    try:
        frames = _number(value_of(file.dataset, "NumberOfFrames"))
    except PARSE_ERRORS as error:
        raise _error(file, "is not a number", "NumberOfFrames") from error
    if frames == 0:
        warn(f"{tag('NumberOfFrames', 0)} is taken as 1")
    if frames not in (0, 1):
        raise CxrReadError(
            file.path,
            f"holds {frames} frames, not one image",
            tag=tag("NumberOfFrames", frames),
            cure="split it into single images, or leave it out",
            code="multi_frame",
        )


def _photometric(file: DicomFile) -> str:
    keyword = "PhotometricInterpretation"
    found = code(file.dataset, keyword)
    if found in (*GREY, *COLOUR):
        return found
    if not found:
        raise _error(file, "is missing", keyword)
    what = "is in colour" if found == "PALETTE COLOR" else "has an unknown photometric interpretation"
    cure = "leave it out, or convert it to MONOCHROME2"
    reason = "colour" if found == "PALETTE COLOR" else "header"
    raise CxrReadError(file.path, what, tag=tag(keyword, found), cure=cure, code=reason)


def _integer(file: DicomFile, keyword: str, low: int, high: int) -> int:
    """Return a required unsigned attribute within [low, high]."""
    try:
        found: Any = value_of(file.dataset, keyword)
        if found is None:
            raise _error(file, "is missing", keyword)
        number = int(found)
    except PARSE_ERRORS as error:
        raise _error(file, "is not a number", keyword) from error
    if not low <= number <= high:
        raise _error(file, f"must be {low} to {high}", keyword, number)
    return number


def _number(value: Any, default: int = 0) -> int:
    return default if value is None or value == "" else int(value)


def _high_bit(file: DicomFile, stored: int, allocated: int, warn: Warn) -> int:
    """Return the position of the highest stored bit; BitsStored - 1 by PS3.5 section 8.1.1."""
    try:
        found = _number(value_of(file.dataset, "HighBit"), stored - 1)
    except PARSE_ERRORS:
        found = -1
    if stored <= found + 1 <= allocated:
        return found
    warn(f"{tag('HighBit', found)} does not fit {stored} of {allocated} bits; taken as {stored - 1}")
    return stored - 1


def _error(file: DicomFile, what: str, keyword: str, value: object = None) -> CxrReadError:
    what = f"{keyword} {what}"
    return CxrReadError(file.path, what, tag=tag(keyword, value), cure=COPY_AGAIN, code="header")
