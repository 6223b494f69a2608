"""Reading of mask and class map files (PNG, NIfTI or DICOM) as integers, never guessed from shades."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.data import pixels as formats  # each is imported when its first file is read
from cxrtk.data.pixels.content import kind_of, read_bytes, refuse
from cxrtk.data.pixels.decode import decode
from cxrtk.data.pixels.dicom.files import is_dicom
from cxrtk.errors import CxrReadError

_SHOWN = 8


def read_mask(path: str | Path) -> npt.NDArray[np.uint8]:
    """Read a mask: (H, W) uint8 in {0, 1}.

    Of at most two values in the file, 0 (black) is outside and the other inside. PNG may have any bit depth,
    a palette, or RGB with two colours; NIfTI is oriented like an image; DICOM goes through the DICOM reader.

    Raises:
        CxrReadError: The file cannot be read, or has more than two values, or two without 0; lists them.
    """
    values = _mask_values(path)
    present = np.unique(values)
    if len(present) > 2:
        what = f"holds {len(present)} values ({_listed(present)}) where a mask has two"
        raise CxrReadError(
            path, what, cure="cut it at a threshold and save it as PNG, 0 and 255", code="values"
        )
    if len(present) == 2 and present[0] != 0:
        what = f"holds the values {_listed(present)}, of which none is 0"
        raise CxrReadError(path, what, cure="save what is outside as 0", code="values")
    return np.where(values != 0, np.uint8(1), np.uint8(0))


def read_labels(path: str | Path) -> npt.NDArray[np.uint8]:
    """Read a class map: (H, W) uint8 of class numbers, 0 being the background.

    The numbers are the stored ones: a grey PNG's samples (not scaled), a palette's indices, NIfTI's values.

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
    elif kind is None:
        raise refuse(path, data, "save it as PNG or NIfTI")
    else:
        what = f"is {kind}, not class numbers"
        raise CxrReadError(path, what, cure="save it as PNG or NIfTI", code="format")
    if values is None:
        cure = "save the class numbers as grey or palette PNG"
        raise CxrReadError(path, "is a colour image", cure=cure, code="colour")
    if values.min() < 0 or values.max() > 255 or (values != np.rint(values)).any():
        what = f"holds {_listed(np.unique(values))} where class numbers are 0 to 255"
        raise CxrReadError(path, what, cure="save whole numbers", code="values")
    return values.astype(np.uint8)


def _mask_values(path: str | Path) -> npt.NDArray[Any]:
    """Return (H, W) numbers; of two colours black becomes 0 and the other 1."""
    data = read_bytes(path)
    kind = kind_of(data)
    if kind == "NIfTI":
        return _nifti_values(path)
    if kind in ("PNG", "JPEG"):
        decoded = decode(path, data, is_mask=True)
        if not decoded.opaque:
            cure = "save the mask without alpha"
            raise CxrReadError(path, "has transparent pixels", cure=cure, code="transparent")
        return _inside(path, decoded.colours)
    if kind == "DICOM" or (kind is None and is_dicom(path)):
        return formats.read_dicom(path).pixels
    raise refuse(path, data, "save it as PNG, 0 and 255")


def _nifti_values(path: str | Path) -> npt.NDArray[Any]:
    from cxrtk.data.pixels.nifti import load_nifti  # with nibabel

    return load_nifti(path)[0]


def _inside(path: str | Path, colours: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Reduce (H, W, C) to (H, W): the grey values, or 1 where it is not black."""
    first = colours[..., 0]
    if (colours == first[..., None]).all():
        return first
    inside: npt.NDArray[Any] = colours.max(axis=-1) > 0
    count = len(np.unique(colours[inside], axis=0))
    if count > 1:
        what = f"holds {count} colours beside black"
        raise CxrReadError(path, what, cure="save it as PNG, 0 and 255", code="colour")
    return inside


def _listed(values: npt.NDArray[Any]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:_SHOWN])
    return shown + (", ..." if len(values) > _SHOWN else "")
