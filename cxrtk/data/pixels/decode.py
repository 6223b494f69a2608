"""Lossless access to the samples of PNG and JPEG files through Pillow."""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from cxrtk.data.pixels.chunks import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    PngHeader,
    check_chunks,
    check_rows,
    png_header,
)
from cxrtk.data.pixels.content import (
    MAX_PIXELS,
    WARNINGS_LOCK,
    check_inflation,
    check_ratio,
    check_size,
    kind_of,
    refuse,
)
from cxrtk.data.pixels.dicom.codestream import TooManyParts, check_scans, declared_by_jpeg, least_bytes
from cxrtk.errors import CxrReadError

logging.getLogger("PIL.TiffImagePlugin").setLevel(logging.INFO)  # at a lower level it logs EXIF text

Samples = npt.NDArray[Any]  # uint8, or uint16 where the file has 16 bits

_EXIF_ORIENTATION = 274
_LONGEST_EXIF = 1 << 16  # bytes, as in a JPEG; the orientation is one of the first tags
# Exceptions of Pillow on damaged files, and on decompression bombs where the caller made warnings errors.
DECODE_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError, struct.error,
    zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Decoded:
    """One decoded PNG or JPEG file.

    Attributes:
        kind: ``PNG`` or ``JPEG``.
        mode: ``grey``, ``rgb``, ``palette``, ``grey+alpha`` or ``rgba``.
        bits: Bit depth of a sample in the file: 1, 2, 4, 8 or 16.
        colours: (H, W, 1) or (H, W, 3); less than 8 bits are scaled to 8, a palette is applied.
        indices: (H, W) stored values before scaling and palette; ``None`` for RGB.
        opaque: True if no pixel is transparent.
        orientation: EXIF orientation, not applied; 0 where there is none or it is 1 (upright).
        flags: Flags of `cxrtk.data.pixels.flags` derived from the file's structure.
    """

    kind: str
    mode: str
    bits: int
    colours: Samples
    indices: Samples | None
    opaque: bool
    orientation: int
    flags: dict[str, str]


def decode(path: str | Path, data: bytes, *, max_pixels: int = MAX_PIXELS, is_mask: bool = False) -> Decoded:
    """Decode the bytes of a PNG or JPEG file; `is_mask` permits content that only masks may have.

    Raises:
        CxrReadError: The bytes are neither, damaged, truncated, or exceed `max_pixels`.
    """
    kind = kind_of(data)
    if kind == "PNG":
        return _decode_png(path, data, max_pixels, is_mask)
    if kind == "JPEG":
        return _decode_jpeg(path, data, max_pixels)
    raise refuse(path, data, "save it as PNG, JPEG, DICOM or NIfTI")


def _decode_png(path: str | Path, data: bytes, max_pixels: int, is_mask: bool) -> Decoded:
    header = png_header(path, data)
    check_size(path, header.height, header.width, max_pixels)
    if not is_mask:  # a mask may compress to almost nothing
        check_ratio(path, header.height, header.width, len(data))
        check_inflation(path, header.raw_bytes(), len(data))
    flags = check_chunks(path, data)
    image = _load(path, data, "PNG")
    info, orientation = image.info, _orientation(path, image)
    stored = np.asarray(image)  # converted once, since it copies
    if header.interlaced or not stored[-1].any():
        check_rows(path, data, header)
    if header.colour_type == PALETTE:
        samples, alpha = _split_alpha(np.asarray(image.convert("RGBA")))
        indices: Samples | None = stored
    else:
        if header.bits == 16 and header.colour_type != GREY:
            del image, stored  # half the samples: they are read again
            samples = _sixteen_bit_channels(path, data, header)
        else:
            samples = _png_samples(stored, header.bits)
        samples, alpha = _split_alpha(samples)
        indices = None if samples.shape[-1] > 1 else _unstretched(samples[..., 0], header.bits)
    modes = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey+alpha", RGBA: "rgba"}
    return Decoded(
        kind="PNG",
        mode=modes[header.colour_type],
        bits=header.bits,
        colours=samples,
        indices=indices,
        opaque=_is_opaque(samples if indices is None else indices[..., None], alpha, info),
        orientation=orientation,
        flags=flags,
    )


def _decode_jpeg(path: str | Path, data: bytes, max_pixels: int) -> Decoded:
    _check_jpeg(path, data, max_pixels)
    image = _load(path, data, "JPEG", max_pixels=max_pixels)
    if image.mode not in ("L", "RGB"):
        cure = "save it as grey if it is an X-ray"
        raise CxrReadError(path, f"is a JPEG in {image.mode}", cure=cure, code="colour")
    samples = np.atleast_3d(np.asarray(image))
    indices = samples[..., 0] if image.mode == "L" else None
    mode = "grey" if image.mode == "L" else "rgb"
    return Decoded(
        kind="JPEG",
        mode=mode,
        bits=8,
        colours=samples,
        indices=indices,
        opaque=True,
        orientation=_orientation(path, image),
        flags={"lossy": "JPEG"},
    )


def _check_jpeg(path: str | Path, data: bytes, max_pixels: int) -> None:
    """Check size and length by the header alone; where it is unreadable, Pillow reports why."""
    try:
        declared = declared_by_jpeg(data)
    except TooManyParts as error:
        what = f"is damaged ({error})"
        raise CxrReadError(path, what, cure="save it again", code="damaged") from error
    except ValueError:
        return
    check_size(path, declared.rows, declared.columns, max_pixels)
    check_ratio(path, declared.rows, declared.columns, len(data))
    check_scans(path, declared, data)
    if len(data) < least_bytes(declared):
        what = f"is truncated ({len(data)} bytes for {declared.columns} x {declared.rows} pixels)"
        raise CxrReadError(path, what, cure="copy it again", code="truncated")


def _png_samples(stored: Samples, bits: int) -> Samples:
    """Return (H, W, C) uint8, or uint16 for 16 bits of grey, from Pillow's output; C includes alpha."""
    if bits == 1:
        return stored.astype(np.uint8)[..., None] * np.uint8(255)
    if bits == 16:
        return stored.astype(np.uint16, copy=False)[..., None]
    return np.atleast_3d(stored)


def _sixteen_bit_channels(path: str | Path, data: bytes, header: PngHeader) -> Samples:
    """Return (H, W, 2, 3 or 4) uint16; Pillow alone would keep only the upper eight bits.

    Pillow is made to read the file under another layout of equally many bytes: grey with alpha as four 8-bit
    channels, colours as little-endian ones, which gives their lower bytes. One channel is copied at a time.
    """
    joined = np.zeros((header.height, header.width, header.channels), np.uint16)
    if header.colour_type == GREY_ALPHA:
        split = _load(path, data, "PNG", layout="RGBA")
        for band in range(4):
            joined[..., band // 2] |= _band(split, band, 8 * (1 - band % 2))
        return joined
    name = "RGB" if header.colour_type == RGB else "RGBA"
    for shift, end in ((8, "B"), (0, "L")):
        image = _load(path, data, "PNG", layout=f"{name};16{end}")
        for band in range(header.channels):
            joined[..., band] |= _band(image, band, shift)
    return joined


def _band(image: Image.Image, band: int, shift: int) -> Samples:
    shifted: Samples = np.left_shift(np.asarray(image.getchannel(band)), shift, dtype=np.uint16)
    return shifted


def _split_alpha(samples: Samples) -> tuple[Samples, Samples | None]:
    """Split (H, W, C) into the colours, (H, W, 1 or 3), and alpha, (H, W)."""
    if samples.shape[-1] in (2, 4):
        return samples[..., :-1], samples[..., -1]
    return samples, None


def _is_opaque(stored: Samples, alpha: Samples | None, info: dict[Any, Any]) -> bool:
    if alpha is not None:
        return bool(alpha.min() == np.iinfo(alpha.dtype).max)
    transparent = info.get("transparency")  # the one transparent colour of a tRNS chunk
    return transparent is None or not (stored == np.asarray(transparent)).all(axis=-1).any()


def _unstretched(samples: Samples, bits: int) -> Samples:
    """Recover the stored values from samples of less than 8 bits that were scaled to 8."""
    return samples if bits >= 8 else samples // (255 // (2**bits - 1))


def _orientation(path: str | Path, image: Image.Image) -> int:
    if len(image.info.get("exif", b"")) > _LONGEST_EXIF:
        image.info["exif"] = image.info["exif"][:_LONGEST_EXIF]
    try:
        with WARNINGS_LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each of thousands of tags
            orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except DECODE_ERRORS as error:
        # Pillow's text quotes the data, which may name a patient.
        raise CxrReadError(path, "has damaged EXIF data", cure="copy it again", code="damaged") from error
    return orientation if isinstance(orientation, int) and orientation != 1 else 0


def _load(
    path: str | Path, data: bytes, kind: str, *, max_pixels: int | None = None, layout: str | None = None
) -> Image.Image:
    """Open and decode; `layout` is the raw mode for the samples, in place of Pillow's choice."""
    try:
        image = Image.open(io.BytesIO(data), formats=[kind])
        if max_pixels is not None:
            check_size(path, image.height, image.width, max_pixels)
        frames = getattr(image, "n_frames", 1)
        if layout is not None:
            image.tile = [tile._replace(args=layout) for tile in image.tile]
        image.load()
    except UnidentifiedImageError as error:  # its text is only a memory address
        what = f"is damaged (its header is no {kind}'s)"
        raise CxrReadError(path, what, cure="copy it again", code="damaged") from error
    except DECODE_ERRORS as error:
        truncated = "truncated" in str(error)
        what = "is truncated" if truncated else f"is damaged ({error})"
        code = "truncated" if truncated else "damaged"
        raise CxrReadError(path, what, cure="copy it again", code=code) from error
    if frames != 1:
        raise CxrReadError(path, f"holds {frames} frames", cure="save the one to read", code="multi_frame")
    return image
