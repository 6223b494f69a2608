"""A radiograph -> a PNG or NIfTI file that reads back as the same pixels."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.api import Radiograph
from cxrtk.data.atomic import replacing
from cxrtk.errors import ConfigError

FORMATS = (".nii.gz", ".nii", ".png")
_TYPES = {8: np.uint8, 16: np.uint16}
_ALIGNED = 2  # NIfTI's code for coordinates that are some other image's: none is a scanner's here


def save(radiograph: Radiograph, path: Path, *, bits: int = 16) -> None:
    """Write the pixels, upright as they are, whole or not at all; the suffix says in which format.

    [0, 1] becomes 0 to 255 or 65535, which `read_png` and `read_nifti` divide by again. NIfTI carries the
    spacing: x leads to the patient's left and y to the feet or the back, as displayed; without a spacing it
    states no orientation. PNG has no place for a spacing.

    Args:
        radiograph: What to write.
        path: Ends in ``.png``, ``.nii`` or ``.nii.gz``.
        bits: 8 or 16.

    Raises:
        ConfigError: Another suffix, or other bits.
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
    """The suffix of a file to write, one of `FORMATS`.

    Raises:
        ConfigError: It has another.
    """
    suffix = next((suffix for suffix in FORMATS if path.name.lower().endswith(suffix)), None)
    if suffix is None:
        raise ConfigError(f"{path}: must end in one of {', '.join(FORMATS)}.")
    return suffix


def nifti_bytes(
    levels: npt.NDArray[Any], spacing: tuple[float, float] | None, *, compressed: bool = False
) -> bytes:
    """A NIfTI file of (H, W) numbers, upright as displayed; see `save`. Equal images are equal bytes."""
    row, column = spacing or (1.0, 1.0)
    stated = _ALIGNED if spacing else 0
    # NIfTI counts to the right, to anterior and up; the image to the left and down.
    affine = np.diag([-column, -row, 1.0, 1.0]) if spacing else np.eye(4)
    image = nib.Nifti1Image(np.ascontiguousarray(levels.T)[:, :, None], affine)
    image.set_sform(affine, code=stated)
    image.set_qform(affine, code=stated)
    image.header.set_xyzt_units("mm" if spacing else "unknown")
    content: bytes = image.to_bytes()
    return gzip.compress(content, mtime=0) if compressed else content
