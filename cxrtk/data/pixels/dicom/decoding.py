"""Decoding of pixel data to the stored code of each pixel.

A code is the stored bits read as an unsigned number, 0 to 2**BitsStored - 1, so that it can index a table of
grey levels. Signed pixels are two's complement codes; see `luts.stored_values`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.encaps import get_frame
from pydicom.pixels import get_decoder
from pydicom.pixels.decoders.base import Decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from cxrtk.data.pixels.content import check_ratio
from cxrtk.data.pixels.dicom.bits import bits_of_codec, bits_of_samples
from cxrtk.data.pixels.dicom.codestream import (
    Declared,
    check_scans,
    declared_by_jpeg,
    declared_by_jpeg_2000,
    least_bytes,
)
from cxrtk.data.pixels.dicom.header import COPY_AGAIN, GREY, ImageHeader
from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS, DicomFile
from cxrtk.data.pixels.dicom.rle import decode_rle
from cxrtk.data.pixels.dicom.spacing import Warn
from cxrtk.data.pixels.dicom.values import tag
from cxrtk.errors import CxrReadError

Codes = npt.NDArray[np.unsignedinteger[Any]]
# Exactly one decoder per transfer syntax: JPEG decoders differ by a grey level, and pixel values must not
# depend on which decoders are installed.
DECODERS = {
    RLELossless: "cxrtk",
    JPEGBaseline8Bit: "pillow",
    JPEG2000: "pillow",
    JPEG2000Lossless: "pillow",
    JPEGExtended12Bit: "pylibjpeg",
    JPEGLossless: "pylibjpeg",
    JPEGLosslessSV1: "pylibjpeg",
    JPEGLSLossless: "pyjpegls",
    JPEGLSNearLossless: "pyjpegls",
    HTJ2K: "pylibjpeg",
    HTJ2KLossless: "pylibjpeg",
    HTJ2KLosslessRPCL: "pylibjpeg",
}
J2K_SYNTAXES = (JPEG2000, JPEG2000Lossless, HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL)
END_OF_IMAGE = b"\xff\xd9"
PADDING = 1 << 16  # bytes after the image that are accepted in a deflated file


def read_codes(
    file: DicomFile, header: ImageHeader, warn: Warn, flags: dict[str, str]
) -> tuple[Codes, str, ImageHeader]:
    """Return (H, W) uint8 or uint16 codes of the image, the name of the decoder, and the header.

    The returned header has the bits of the samples if these contradict the file's header; the contradiction
    is reported to `warn` and `flags`.

    Raises:
        CxrReadError: No decoder is installed, or the pixel data are truncated, damaged or in colour.
    """
    decoder, plugin = find_decoder(file, header)
    if file.deflated:
        check_ratio(file.path, header.rows, header.columns, len(file.deflated))
    file.read_pixel_data(limit=2 * header.pixel_bytes + PADDING)
    if not header.syntax.is_encapsulated:
        _check_length(file, header, warn)
    # The length was checked above, and _codes masks the unused bits in one pass.
    options: Any = {
        "view_only": True,
        "correct_unused_bits": False,
        "number_of_frames": 1,
        "photometric_interpretation": header.photometric,
    }
    precision = 0
    try:
        if header.syntax.is_encapsulated:
            frame, precision = _frame(file, header)
        if header.syntax == RLELossless:
            samples = decode_rle(frame, header.rows, header.columns, header.samples, header.bits_allocated)
        else:
            # raw: no colour conversion, which grey images do not need.
            samples, _ = decoder.as_array(
                file.dataset,
                index=0,
                raw=header.photometric in GREY,
                validate=False,
                decoding_plugin=plugin,
                **options,
            )
    except PARSE_ERRORS as error:
        raise _undecodable(file, header) from error
    if precision:
        header = bits_of_codec(samples, precision, header, warn, flags)
    else:
        header = bits_of_samples(samples, header, warn, flags)
    codes = _codes(samples, header, warn)
    return codes if header.samples == 1 else _grey(file, header, codes), plugin or "none", header


def _frame(file: DicomFile, header: ImageHeader) -> tuple[bytes, int]:
    """Return the one encapsulated frame, if its own header agrees with the file's, and its bits, 0 for RLE.

    Raises:
        ValueError: The headers disagree.
        CxrReadError: There is no frame.
    """
    if not file.dataset.PixelData:
        raise _nothing(file, "0 bytes")
    frame = get_frame(file.dataset.PixelData, 0, number_of_frames=1)
    check_ratio(file.path, header.rows, header.columns, len(frame))
    if header.syntax == RLELossless:
        return frame, 0
    declared = (declared_by_jpeg_2000 if header.syntax in J2K_SYNTAXES else declared_by_jpeg)(frame)
    if declared[:3] != (header.rows, header.columns, header.samples):
        raise _other_size(file, header, declared)
    if header.syntax not in J2K_SYNTAXES:
        check_scans(file.path, declared, frame)
    # On a truncated stream, decoders of lossless JPEG invent the rest, and one of JPEG-LS never returns.
    has_end = header.syntax in J2K_SYNTAXES or END_OF_IMAGE in frame[-16:]
    if len(frame) < least_bytes(declared) or not has_end:
        raise ValueError("stops early")
    return frame, declared.bits


def find_decoder(file: DicomFile, header: ImageHeader) -> tuple[Decoder, str]:
    """Return pydicom's decoder of the transfer syntax, and the decoder plugin to use (see `DECODERS`).

    Raises:
        CxrReadError: There is no decoder, or the package that it needs is not installed.
    """
    syntax = tag("TransferSyntaxUID", header.syntax)
    try:
        decoder = get_decoder(header.syntax)
    except NotImplementedError as error:
        known = header.syntax.name != header.syntax
        name = header.syntax.name if known else "an unknown transfer syntax"
        what = f"has pixel data that no decoder reads ({name})"
        cure = "convert it to Explicit VR Little Endian"
        raise CxrReadError(file.path, what, tag=syntax, cure=cure, code="no_decoder") from error
    if not header.syntax.is_encapsulated:
        return decoder, ""
    plugin = DECODERS[header.syntax]
    if header.syntax == JPEGExtended12Bit and header.bits_stored <= 8:
        plugin = "pillow"  # it supports only the 8-bit half of this syntax
    if plugin not in ("cxrtk", *decoder.available_plugins):
        missing = [text.strip() for text in decoder.missing_dependencies]
        needs = next((text for text in missing if text.startswith(plugin)), plugin)
        needs = needs.replace(" - requires ", ": ")
        raise CxrReadError(
            file.path,
            f"needs a decoder for {header.syntax.name} that is not installed ({needs})",
            tag=syntax,
            cure='pip install "cxrtk[jpeg]"',
            code="no_decoder",
        )
    return decoder, plugin


def _nothing(file: DicomFile, found: str) -> CxrReadError:
    what = f"holds no image ({found})"
    return CxrReadError(file.path, what, tag=tag("PixelData"), cure=COPY_AGAIN, code="no_image")


def _other_size(file: DicomFile, header: ImageHeader, declared: Declared) -> CxrReadError:
    sizes = (declared[:3], (header.rows, header.columns, header.samples))
    found, stated = (f"{columns} x {rows} pixels (channels: {channels})" for rows, columns, channels in sizes)
    what = (
        f"{header.syntax.name} pixel data cannot be decoded: the codestream has {found}, the header {stated}"
    )
    return CxrReadError(file.path, what, tag=tag("PixelData"), cure=COPY_AGAIN, code="damaged")


def _undecodable(file: DicomFile, header: ImageHeader) -> CxrReadError:
    return CxrReadError(
        file.path,
        f"{header.syntax.name} pixel data cannot be decoded",
        tag=tag("PixelData"),
        cure="copy it again; if that does not help, convert it to Explicit VR Little Endian",
        code="damaged",
    )


def _check_length(file: DicomFile, header: ImageHeader, warn: Warn) -> None:
    """Check that uncompressed pixel data hold exactly one frame."""
    try:
        found = len(file.dataset.PixelData or b"")
    except PARSE_ERRORS as error:  # such as an invalid value representation
        raise _undecodable(file, header) from error
    wanted = header.pixel_bytes
    if not found:
        raise _nothing(file, f"0 of {wanted} pixel bytes")
    if found < wanted:
        what = f"is truncated: {found} of {wanted} pixel bytes"
        raise CxrReadError(
            file.path, what, tag=tag("PixelData"), cure="copy the file again", code="truncated"
        )
    if found >= 2 * wanted:
        what = f"holds more frames than declared: {found} pixel bytes, one image has {wanted}"
        cure = "correct (0028,0008) NumberOfFrames"
        raise CxrReadError(file.path, what, tag=tag("PixelData"), cure=cure, code="multi_frame")
    if found > wanted + wanted % 2:
        warn(f"{tag('PixelData')} has {found - wanted} bytes of padding")


def _codes(samples: npt.NDArray[Any], header: ImageHeader, warn: Warn) -> Codes:
    """Mask out all but the stored bits: bits above HighBit may hold anything (PS3.5 section 8.1.1)."""
    if header.syntax.is_encapsulated and header.syntax != RLELossless:
        # A codec has no unused bits: a value out of range is the overshoot of lossy coding.
        least, most = int(samples.min()), int(samples.max())
        if least < header.low or most > header.high:
            warn(f"decoded values {least} to {most} clipped to {header.low} to {header.high}")
            samples = samples.clip(header.low, header.high)
    codes: Codes = samples.astype(f"u{samples.dtype.itemsize}", copy=False)
    shift = header.high_bit + 1 - header.bits_stored
    if shift and not header.syntax.is_encapsulated:
        codes = np.right_shift(codes, shift, dtype=codes.dtype)
    if header.bits_stored < 8 * codes.dtype.itemsize:
        codes = np.bitwise_and(codes, (1 << header.bits_stored) - 1, dtype=codes.dtype)
    return codes


def _grey(file: DicomFile, header: ImageHeader, codes: Codes) -> Codes:
    """Return one channel of (H, W, 3) samples; all three must be equal."""
    red = codes[..., 0]
    if not all(np.array_equal(red, codes[..., channel]) for channel in (1, 2)):
        raise CxrReadError(
            file.path,
            "is in colour: its 3 channels differ",
            tag=tag("PhotometricInterpretation", header.photometric),
            cure="leave it out, or convert it to MONOCHROME2",
            code="colour",
        )
    return np.ascontiguousarray(red)
