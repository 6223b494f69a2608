"""Two-dimensional NIfTI files, turned to the way a radiograph is displayed.

A NIfTI array is indexed [x, y] and its affine says where each index leads in the patient. Displayed, a
radiograph has the patient's right on its left side, and runs from top to bottom. So

- the array axis along left-right becomes the columns, the other one the rows;
- columns run from the patient's right to the left; rows from anterior to posterior or from superior to
  inferior: the directions in which the coordinates of DICOM and ITK (LPS) grow, superior-inferior excepted;
- where nothing is stated (sform and qform code 0, or the affine is exactly the identity) [x, y] becomes
  [y, x] and nothing is flipped.

ITK writes a PNG's pixels with the affine diag(-1, -1, 1, 1), MONAI with the identity: both come back as they
were. Any other affine is believed: diag(0.2, 0.2, 1, 1) says that x grows to the patient's right and y to
anterior, so such a file is turned by 180 degrees, as viewers do.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.imageglobals import LoggingOutputSuppressor

from cxrtk.api import Radiograph
from cxrtk.data.pixels.content import MAX_PIXELS, check_ratio, check_size, kind_of, read_bytes, refuse
from cxrtk.data.pixels.polarity import polarity_flag
from cxrtk.errors import CxrReadError

_DECODE_ERRORS = (
    OSError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError, struct.error, zlib.error,
    nib.filebasedimages.ImageFileError, nib.spatialimages.HeaderDataError, nib.wrapstruct.WrapStructError,
)  # fmt: skip
GZIP = b"\x1f\x8b"
DEFLATE_RATIO = 1032  # the most that a byte of it can unfold to
_FLIPPED = {"R", "A", "S"}  # an axis that leads there is displayed backwards
_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # unknown, metre, millimetre, micrometre
_DECLARED = {"uint8": 255.0, "uint16": 65535.0}


def read_nifti(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Radiograph:
    """Read a flat NIfTI file (``.nii`` or ``.nii.gz``, told by content), brighter being denser.

    NIfTI declares no range. ``uint8`` and ``uint16`` without a slope are divided by 255 and 65535, as a PNG
    of that depth is; all others are scaled from their smallest and largest value, which `meta` records.

    The spacing is the affine's, its source ``unspecified``; there is none without an orientation code, or
    where it is 1 x 1, which is what tools write for want of one.

    Args:
        path: The file.
        max_pixels: An image of more is refused before it is decoded.

    Raises:
        CxrReadError: It is missing, damaged, no NIfTI, not flat, in colour, complex, or not finite.
    """
    values, image = load_nifti(path, max_pixels=max_pixels)
    header = image.header
    dtype = header.get_data_dtype().name
    low, high, source = 0.0, _DECLARED.get(dtype), "dtype"
    if high is None or (image.dataobj.slope, image.dataobj.inter) != (1.0, 0.0):
        low, high, source = float(values.min()), float(values.max()), "data"
    scaled = ((values.astype(np.float64) - low) / (high - low or 1.0)).clip(0, 1).astype(np.float32)
    spacing = _spacing(path, image)
    flags = {"constant": "all pixels are equal"} if values.min() == values.max() else {}
    if spacing and not math.isclose(*spacing, rel_tol=1e-2):
        flags["not_square"] = f"affine {spacing}"
    flags |= polarity_flag(scaled)
    return Radiograph(
        scaled,
        spacing_mm=spacing,
        spacing_source=None if spacing is None else "unspecified",
        meta={
            "format": "NIfTI",
            "dtype": dtype,
            "range": [low, high],
            "range_source": source,
            "orientation": _orientation(path, image) or "not stated",
            "flags": flags,
        },
    )


def load_nifti(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> tuple[npt.NDArray[Any], Any]:
    """The values of a flat NIfTI file, (H, W) as displayed, with slope and intercept applied; and its image.

    Raises:
        CxrReadError: As `read_nifti`.
    """
    data = read_bytes(path)
    if kind_of(data) != "NIfTI":
        raise refuse(path, data, "save it as .nii or .nii.gz")
    stream: Any = io.BytesIO(data)
    try:
        # What nibabel says and warns of names no file; infinite values are looked for below.
        with (
            LoggingOutputSuppressor(),
            np.errstate(all="ignore"),
            gzip.GzipFile(fileobj=stream) if data.startswith(GZIP) else stream as file,
        ):
            image = _header(file)
            _check_header(path, image, max_pixels)
            _check_length(path, image, data)
            values = np.asanyarray(image.dataobj)
    except _DECODE_ERRORS as error:
        what = f"is damaged or truncated ({error})"
        raise CxrReadError(path, what, cure="copy it again", code="damaged") from error
    if not np.isfinite(values).all():
        raise CxrReadError(path, "holds values that are not finite", cure="replace them", code="values")
    return _as_displayed(path, values.reshape(values.shape[:2]), image), image


def _header(file: Any) -> Any:
    """The image with its values still in the file."""
    second = file.read(8)[4:7] == b"n+2"
    file.seek(0)
    return (nib.Nifti2Image if second else nib.Nifti1Image).from_stream(file)


def _check_header(path: str | Path, image: Any, max_pixels: int) -> None:
    shape = image.shape
    if len(shape) < 2 or any(length != 1 for length in shape[2:]):
        what = f"is not a flat image but {shape}"
        raise CxrReadError(path, what, cure="save one slice as (x, y)", code="multi_frame")
    check_size(path, shape[1], shape[0], max_pixels)
    if image.header.get_data_dtype().kind not in "uif":
        what = f"holds {image.header.get_data_dtype()} values"
        raise CxrReadError(path, what, cure="save it with one grey value a pixel", code="colour")


def _check_length(path: str | Path, image: Any, data: bytes) -> None:
    """Is there as much as the header claims? Memory for it is taken before it is looked for."""
    height, width = image.shape[1], image.shape[0]
    wanted = int(image.dataobj.offset) + height * width * image.header.get_data_dtype().itemsize
    packed = data.startswith(GZIP)
    if packed:
        check_ratio(path, height, width, len(data))
    if wanted > (DEFLATE_RATIO * len(data) if packed else len(data)):
        what = f"is truncated ({len(data)} bytes where {wanted} are needed)"
        raise CxrReadError(path, what, cure="copy it again", code="truncated")


def _orientation(path: str | Path, image: Any) -> str:
    """Where the two axes lead, such as ``LP``; empty where the file does not say."""
    stated = int(image.header["sform_code"]) or int(image.header["qform_code"])
    if not stated or np.array_equal(image.affine, np.eye(4)):
        return ""
    if not np.isfinite(image.affine).all():
        raise CxrReadError(path, "has an affine that is not finite", cure="write it anew", code="header")
    codes = nib.aff2axcodes(image.affine)[:2]
    if None in codes or sum(code in "LR" for code in codes) != 1:
        what = f"has axes along {codes}, of which not one is left-right"
        cure = "write it with x along left-right, or without orientation codes"
        raise CxrReadError(path, what, cure=cure, code="header")
    return "".join(codes)


def _as_displayed(path: str | Path, values: npt.NDArray[Any], image: Any) -> npt.NDArray[Any]:
    """[x, y] -> (H, W)."""
    codes = _orientation(path, image)
    flips = [slice(None, None, -1 if code in _FLIPPED else 1) for code in codes]
    turned = values[tuple(flips)]
    return turned if codes[1:] and codes[1] in "LR" else turned.T


def _spacing(path: str | Path, image: Any) -> tuple[float, float] | None:
    """(row, column) in mm."""
    codes = _orientation(path, image)
    if not codes:
        return None
    sizes = nib.affines.voxel_sizes(image.affine)[:2]
    if np.allclose(sizes, 1.0):
        return None
    unit = int(image.header["xyzt_units"]) & 7
    if unit not in _MM_PER_UNIT:
        what = f"has an unknown unit of length (xyzt_units {unit})"
        raise CxrReadError(path, what, cure="write it anew", code="header")
    x, y = (float(size) * _MM_PER_UNIT[unit] for size in sizes)
    return (x, y) if codes[1] in "LR" else (y, x)
