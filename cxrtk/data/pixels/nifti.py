"""Two-dimensional NIfTI files, oriented for display as a radiograph.

A NIfTI array is indexed [x, y], and its affine gives the direction of each index in the patient. As
displayed, a radiograph has the patient's right on its left side, and runs from top to bottom. Therefore

- the array axis along left-right becomes the columns, the other one the rows;
- columns run from the patient's right to the left; rows from anterior to posterior or from superior to
  inferior: the directions in which the coordinates of DICOM and ITK (LPS) grow, superior-inferior excepted;
- without a stated orientation (sform and qform code 0, or an affine that is exactly the identity) [x, y]
  becomes [y, x] and nothing is flipped.

ITK writes a PNG's pixels with the affine diag(-1, -1, 1, 1), MONAI with the identity: both are restored to
the original. Any other affine is trusted: diag(0.2, 0.2, 1, 1) states that x grows to the patient's right and
y to anterior, so such a file is rotated by 180 degrees, as viewers do.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt

from cxrtk.api import Radiograph
from cxrtk.data.pixels.content import (
    MAX_PIXELS,
    check_inflation,
    check_ratio,
    check_size,
    kind_of,
    read_bytes,
)
from cxrtk.data.pixels.content import refuse as refusal
from cxrtk.data.pixels.flags import refuse_flagged
from cxrtk.data.pixels.picture_flags import picture_flags
from cxrtk.errors import CxrReadError

_DECODE_ERRORS = (
    OSError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError, struct.error, zlib.error,
    nib.filebasedimages.ImageFileError, nib.spatialimages.HeaderDataError, nib.wrapstruct.WrapStructError,
)  # fmt: skip
GZIP = b"\x1f\x8b"
DEFLATE_RATIO = 1032  # maximum expansion ratio of deflate
MOST_OFFSET = 1 << 24  # bytes of the header and its extensions
_SHORT_HEADER, _LONGEST_HEADER = 348, 540  # bytes of NIfTI-1 and NIfTI-2
_ROWS = 256
_FLIPPED = {"R", "A", "S"}  # axes in these directions are displayed reversed
_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # unknown, metre, millimetre, micrometre
_DECLARED = {"uint8": 255.0, "uint16": 65535.0}


def read_nifti(path: str | Path, *, max_pixels: int = MAX_PIXELS, refuse: Sequence[str] = ()) -> Radiograph:
    """Read a 2-D NIfTI file (``.nii`` or ``.nii.gz``, detected by content); brighter is denser.

    NIfTI declares no value range. ``uint8`` and ``uint16`` without a slope are divided by 255 and 65535, like
    a PNG of that depth; all others are scaled from their minimum and maximum, which `meta` records.

    The spacing is taken from the affine, with the source ``unspecified``; there is none without an
    orientation code, or where it is 1 x 1, a common placeholder.

    Args:
        path: Path of the file.
        max_pixels: Maximum number of pixels; larger images are refused before decoding.
        refuse: Flags (`cxrtk.pixels.FLAGS`) that make the file an error, such as ``["constant"]``.

    Raises:
        CxrReadError: The file is missing, damaged, not NIfTI, not 2-D, in colour, complex, or not finite.
    """
    values, image = load_nifti(path, max_pixels=max_pixels)
    header = image.header
    dtype = header.get_data_dtype().name
    low, high, source = 0.0, _DECLARED.get(dtype), "dtype"
    if high is None or (image.dataobj.slope, image.dataobj.inter) != (1.0, 0.0):
        low, high, source = float(values.min()), float(values.max()), "data"
    scaled = _scaled(values, low, high)
    spacing = _spacing(path, image)
    flags = {"constant": "all pixels are equal"} if values.min() == values.max() else {}
    if spacing and not math.isclose(*spacing, rel_tol=1e-2):
        flags["not_square"] = f"affine {spacing}"
    flags |= picture_flags(scaled)
    refuse_flagged(path, flags, refuse)
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
    """Return the values of a 2-D NIfTI file, (H, W) as displayed and rescaled, and the nibabel image.

    Raises:
        CxrReadError: The same cases as in `read_nifti`.
    """
    data = read_bytes(path)
    if kind_of(data) != "NIfTI":
        raise refusal(path, data, "save it as .nii or .nii.gz")
    stream: Any = io.BytesIO(data)
    try:
        # nibabel's warnings name no file; infinite values are checked below.
        with (
            _hushed(),
            np.errstate(all="ignore"),
            gzip.GzipFile(fileobj=stream) if data.startswith(GZIP) else stream as file,
        ):
            image = _header(file)
            _check_header(path, image, max_pixels)
            _check_length(path, image, data)
            held = image.dataobj
            spec = (held.shape, held.dtype, held.offset, held.slope, held.inter)
            values = np.asanyarray(nib.arrayproxy.ArrayProxy(file, spec))
    except _DECODE_ERRORS as error:
        what = f"is damaged or truncated ({error})"
        raise CxrReadError(path, what, cure="copy it again", code="damaged") from error
    if not np.isfinite(values).all():
        raise CxrReadError(path, "holds values that are not finite", cure="replace them", code="values")
    return _as_displayed(path, values.reshape(values.shape[:2]), image), image


@contextmanager
def _hushed() -> Iterator[None]:
    """Suppress the log lines of nibabel, which name no file."""
    nibabel = nib.imageglobals.logger
    disabled, nibabel.disabled = nibabel.disabled, True
    try:
        yield
    finally:
        nibabel.disabled = disabled


def _header(file: Any) -> Any:
    """Return the image without its values. Its extensions, possibly millions, are not parsed."""
    head = file.read(_LONGEST_HEADER)
    file.seek(0)
    second = head[4:7] == b"n+2"
    end = _LONGEST_HEADER if second else _SHORT_HEADER
    if len(head) < end:
        raise EOFError(f"{len(head)} of {end} bytes of header")
    return (nib.Nifti2Image if second else nib.Nifti1Image).from_stream(io.BytesIO(head[:end] + bytes(4)))


def _scaled(values: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.float32]:
    """Scale [low, high] to [0, 1] in float64, some rows at a time."""
    scaled = np.empty(values.shape, np.float32)
    for start in range(0, len(values), _ROWS):
        rows = values[start : start + _ROWS].astype(np.float64)
        scaled[start : start + _ROWS] = ((rows - low) / (high - low or 1.0)).clip(0, 1)
    return scaled


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
    """Check that the file has the declared length, before memory is allocated for it."""
    height, width = image.shape[1], image.shape[0]
    offset = int(image.dataobj.offset)
    if offset > MOST_OFFSET:
        what = f"states that its values begin at byte {offset} (at most {MOST_OFFSET})"
        raise CxrReadError(path, what, cure="copy it again, or write it again", code="damaged")
    size = height * width * image.header.get_data_dtype().itemsize
    wanted = offset + size
    packed = data.startswith(GZIP)
    if packed:
        check_ratio(path, height, width, len(data))
        check_inflation(path, size, len(data))
    if wanted > (DEFLATE_RATIO * len(data) if packed else len(data)):
        what = f"is truncated ({len(data)} bytes where {wanted} are needed)"
        raise CxrReadError(path, what, cure="copy it again", code="truncated")


def _orientation(path: str | Path, image: Any) -> str:
    """Return the directions of the two axes, such as ``LP``; empty where the file does not state them."""
    stated = int(image.header["sform_code"]) or int(image.header["qform_code"])
    if not stated or np.array_equal(image.affine, np.eye(4)):
        return ""
    if not np.isfinite(image.affine).all():
        raise CxrReadError(path, "has an affine that is not finite", cure="write it again", code="header")
    codes = nib.aff2axcodes(image.affine)[:2]
    if None in codes or sum(code in "LR" for code in codes) != 1:
        what = f"has axes along {codes}, of which not one is left-right"
        cure = "write it with x along left-right, or without orientation codes"
        raise CxrReadError(path, what, cure=cure, code="header")
    return "".join(codes)


def _as_displayed(path: str | Path, values: npt.NDArray[Any], image: Any) -> npt.NDArray[Any]:
    """Reorder [x, y] to (H, W)."""
    codes = _orientation(path, image)
    flips = [slice(None, None, -1 if code in _FLIPPED else 1) for code in codes]
    turned = values[tuple(flips)]
    return turned if codes[1:] and codes[1] in "LR" else turned.T


def _spacing(path: str | Path, image: Any) -> tuple[float, float] | None:
    """Return the (row, column) spacing in mm."""
    codes = _orientation(path, image)
    if not codes:
        return None
    sizes = nib.affines.voxel_sizes(image.affine)[:2]
    if np.allclose(sizes, 1.0):
        return None
    unit = int(image.header["xyzt_units"]) & 7
    if unit not in _MM_PER_UNIT:
        what = f"has an unknown unit of length (xyzt_units {unit})"
        raise CxrReadError(path, what, cure="write it again", code="header")
    x, y = (float(size) * _MM_PER_UNIT[unit] for size in sizes)
    return (x, y) if codes[1] in "LR" else (y, x)
