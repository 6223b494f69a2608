"""Reading of mask and class map files as integers, never guessed from shades."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.data import pixels as formats  # each is imported when its first file is read
from cxrtk.data.pixels.content import HEAD, kind_of, read_bytes, refuse
from cxrtk.data.pixels.decode import decode
from cxrtk.data.pixels.dicom.files import is_dicom
from cxrtk.errors import ConfigError, CxrReadError

MASK_KINDS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "NIfTI", "DICOM")
_SHOWN = 8
_BLOCK = 1 << 20  # pixels
_THRESHOLD = "or pass threshold=0.5 (--set reader#mask_threshold=0.5) to cut at half of the range"
_SAVE_MASK = "save it as PNG, 0 and 255"
_SAVE_LABELS = "save the class numbers as grey or palette PNG"


def read_mask(path: str | Path, *, threshold: float | None = None) -> npt.NDArray[np.uint8]:
    """Read a mask: (H, W) uint8 in {0, 1}.

    The file has at most two values: 0 (black) is outside, the other one inside. PNG, BMP, TIFF and GIF may
    have any bit depth, a palette, or RGB with two colours; NIfTI is oriented like an image; DICOM is read by
    the DICOM reader, and a DICOM segmentation gives the lungs (`cxrtk.labels.read_seg`).

    Args:
        path: Path of the file; the format is detected by content.
        threshold: Fraction of the declared range, in (0, 1), above which a pixel is inside, for masks with
            more than two values, such as the soft edges of JPEG. The range is 255, 65535 for 16 bits, and 1
            for fractions; the brightest channel of a colour counts.

    Raises:
        CxrReadError: The file cannot be read; or it has more than two values and there is no threshold, or
            two without 0; lists them.
        ConfigError: `threshold` is not in (0, 1).
    """
    check_threshold(threshold)
    colours, full = _mask_colours(path)
    if threshold is not None:
        # Floor, as an integer is above a fraction where it is above the whole part of it.
        cut = threshold * full if full == 1 else math.floor(threshold * full)
        inside: npt.NDArray[np.uint8] = (colours.max(axis=-1) > cut).astype(np.uint8)
        return inside
    values = _inside(path, colours)
    present = present_values(values)
    if len(present) > 2:
        what = f"holds {len(present)} values ({_listed(present)}) where a mask has two"
        cure = f"cut it at a threshold and {_SAVE_MASK}, {_THRESHOLD}"
        raise CxrReadError(path, what, cure=cure, code="values")
    if len(present) == 2 and present[0] != 0:
        what = f"holds the values {_listed(present)}, of which none is 0"
        raise CxrReadError(path, what, cure="save what is outside as 0", code="values")
    return np.where(values != 0, np.uint8(1), np.uint8(0))


def read_labels(path: str | Path) -> npt.NDArray[np.uint8]:
    """Read a class map: (H, W) uint8 of class numbers, 0 being the background.

    The numbers are the stored ones: a grey PNG's samples (not scaled), a palette's indices, NIfTI's values,
    the grey values of BMP, TIFF and GIF.

    Raises:
        CxrReadError: The file cannot be read, is RGB, JPEG or DICOM, or has values other than integers 0 to
            255.
    """
    data = read_bytes(path)
    kind = kind_of(data)
    values: npt.NDArray[Any] | None
    if kind == "NIfTI":
        values = _nifti_values(path)
    elif kind == "PNG":
        values = decode(path, data, is_mask=True).indices
    elif kind in ("BMP", "TIFF"):
        values = _bitmap(path, data, kind).indices
    elif kind == "GIF":
        picture = _gif(path, data)
        values = picture[..., 0] if _is_grey(picture) else None
    elif kind is None:
        raise refuse(path, data, "save it as PNG or NIfTI")
    else:
        what = f"is {kind}, not class numbers"
        raise CxrReadError(path, what, cure="save it as PNG or NIfTI", code="format")
    if values is None:
        raise CxrReadError(path, "is a colour image", cure=_SAVE_LABELS, code="colour")
    if values.min() < 0 or values.max() > 255 or (values != np.rint(values)).any():
        what = f"holds {_listed(present_values(values))} where class numbers are 0 to 255"
        raise CxrReadError(path, what, cure="save integers", code="values")
    return values.astype(np.uint8)


def check_threshold(threshold: float | None) -> None:
    """Refuse a threshold that is no fraction.

    Raises:
        ConfigError: It is neither ``None`` nor a number in (0, 1).
    """
    if threshold is None:
        return
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 < threshold < 1:
        raise ConfigError(
            f"mask_threshold must be a fraction of the range, above 0 and below 1, not {threshold!r}; "
            "0.5 cuts at the half."
        )


def present_values(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the different values in ascending order, without sorting all pixels of 8 or 16 bits."""
    if values.dtype not in (np.uint8, np.uint16):
        return np.unique(values)
    there = np.zeros(np.iinfo(values.dtype).max + 1, bool)
    flat = values.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        there[flat[start : start + _BLOCK]] = True
    return np.flatnonzero(there)


def _mask_colours(path: str | Path) -> tuple[npt.NDArray[Any], float]:
    """Return (H, W, C) numbers, and the end of their declared range."""
    kind = kind_of(read_bytes(path, HEAD))
    if kind == "DICOM" or (kind is None and is_dicom(path)):
        return _dicom_colours(path), 1
    data = read_bytes(path)
    if kind == "NIfTI":
        colours = _nifti_values(path)[..., None]
    elif kind in ("PNG", "JPEG"):
        decoded = decode(path, data, is_mask=True)
        colours = _opaque(path, decoded.colours, decoded.opaque)
    elif kind in ("BMP", "TIFF"):
        bitmap = _bitmap(path, data, kind)
        colours = _opaque(path, bitmap.colours, bitmap.opaque)
    elif kind == "GIF":
        colours = _gif(path, data)
    else:
        raise refuse(path, data, _SAVE_MASK)
    return colours, _full(colours)


def _dicom_colours(path: str | Path) -> npt.NDArray[Any]:
    from cxrtk.data.labels.seg import is_seg, read_seg  # it names the parts, and imports this module

    if is_seg(path):
        return read_seg(path).lungs(path)[..., None]
    return formats.read_dicom(path).pixels[..., None]


def _full(values: npt.NDArray[Any]) -> float:
    """End of the declared range: of the type, or 1 for fractions."""
    if values.dtype in (np.uint8, np.uint16):
        return int(np.iinfo(values.dtype).max)
    return 1 if values.max() <= 1 else 255 if values.max() <= 255 else 65535


def _opaque(path: str | Path, colours: npt.NDArray[Any], opaque: bool) -> npt.NDArray[Any]:
    if not opaque:
        cure = "save the mask without alpha"
        raise CxrReadError(path, "has transparent pixels", cure=cure, code="transparent")
    return colours


def _bitmap(path: str | Path, data: bytes, kind: str) -> Any:
    from cxrtk.data.pixels.bitmaps import decode_bitmap

    return decode_bitmap(path, data, kind)


def _gif(path: str | Path, data: bytes) -> npt.NDArray[np.uint8]:
    from cxrtk.data.pixels.gif import decode_gif

    return np.asarray(decode_gif(path, data))


def _nifti_values(path: str | Path) -> npt.NDArray[Any]:
    from cxrtk.data.pixels.nifti import load_nifti  # with nibabel

    return load_nifti(path)[0]


def _is_grey(colours: npt.NDArray[Any]) -> bool:
    first = colours[..., 0]
    return all(np.array_equal(first, colours[..., band]) for band in range(1, colours.shape[-1]))


def _inside(path: str | Path, colours: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Reduce (H, W, C) to (H, W): the grey values, or 1 where it is not black."""
    if _is_grey(colours):
        return colours[..., 0]
    inside: npt.NDArray[Any] = colours.max(axis=-1) > 0
    count = _count_colours(colours[inside])
    if count > 1:
        what = f"holds {count} colours besides black"
        raise CxrReadError(path, what, cure=f"{_SAVE_MASK}, {_THRESHOLD}", code="colour")
    return inside


def _count_colours(pixels: npt.NDArray[Any]) -> int:
    """Count different colours of (N, C) integers, as one number each."""
    numbers = np.zeros(len(pixels), np.uint64)
    for band in range(pixels.shape[1]):
        numbers = numbers << np.uint64(16) | pixels[:, band].astype(np.uint64)
    return len(np.unique(numbers))


def _listed(values: npt.NDArray[Any]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:_SHOWN])
    return shown + (", ..." if len(values) > _SHOWN else "")
