"""Lossless writing of a radiograph to a PNG or NIfTI file."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.api import Radiograph
from cxrtk.data.atomic import replacing
from cxrtk.errors import ConfigError

FORMATS = (".nii.gz", ".nii", ".png")
_TYPES = {8: np.uint8, 16: np.uint16}
_ALIGNED = 2  # NIfTI's code for aligned, not scanner, coordinates


def save(radiograph: Radiograph, path: Path, *, bits: int = 16) -> None:
    """Write the pixels, upright, atomically; the suffix selects the format.

    [0, 1] is scaled to 0 to 255 or 65535, which `read_png` and `read_nifti` divide by again. NIfTI stores the
    spacing: x points to the patient's left and y to the feet or the back, as displayed; without a spacing it
    has no orientation. PNG cannot store a spacing.

    Args:
        radiograph: Radiograph to write.
        path: Path of the file, with the suffix ``.png``, ``.nii`` or ``.nii.gz``.
        bits: Bit depth, 8 or 16.

    Raises:
        ConfigError: The suffix or the bit depth is not supported.
        StorageError: The disk is full.
    """
    suffix = check_target(path)
    if bits not in _TYPES:
        raise ConfigError(f"bits must be 8 or 16, not {bits}.")
    full = 2**bits - 1
    levels = np.rint(radiograph.pixels.astype(np.float64) * full).astype(_TYPES[bits])
    with replacing(path) as part:
        if suffix == ".png":
            Image.fromarray(levels).save(part, format="PNG")
            return
        part.write_bytes(nifti_bytes(levels, radiograph.spacing_mm, compressed=suffix == ".nii.gz"))


def check_target(path: Path) -> str:
    """Return the suffix of an output file, one of `FORMATS`.

    Raises:
        ConfigError: The suffix is not supported.
    """
    suffix = next((suffix for suffix in FORMATS if path.name.lower().endswith(suffix)), None)
    if suffix is None:
        raise ConfigError(f"{path}: must end in one of {', '.join(FORMATS)}.")
    return suffix


def nifti_bytes(
    levels: npt.NDArray[Any], spacing: tuple[float, float] | None, *, compressed: bool = False
) -> bytes:
    """Encode (H, W) numbers, upright as displayed, as NIfTI; see `save`. Equal images give equal bytes."""
    import nibabel as nib

    row, column = spacing or (1.0, 1.0)
    stated = _ALIGNED if spacing else 0
    # NIfTI coordinates grow to the right, anterior and superior; the image's to the left and down.
    affine = np.diag([-column, -row, 1.0, 1.0]) if spacing else np.eye(4)
    image = nib.Nifti1Image(np.ascontiguousarray(levels.T)[:, :, None], affine)
    image.set_sform(affine, code=stated)
    image.set_qform(affine, code=stated)
    image.header.set_xyzt_units("mm" if spacing else "unknown")
    content: bytes = image.to_bytes()
    return gzip.compress(content, mtime=0) if compressed else content
