"""A folder of images with masks beside them, and the reader of it."""

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from PIL import Image

from cxrtk import Reader, readers

IMAGE = np.arange(20 * 30, dtype=np.uint32).reshape(20, 30).astype(np.uint8)  # H = 20, W = 30
MASK = np.zeros((20, 30), np.uint8)
MASK[3:14, 4:12] = 1


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("image_mask_folder", root=str(root), **arguments)


def save(path: Path, array: np.ndarray) -> None:
    """PNG, or NIfTI by the name's suffix."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix in (".nii", ".gz"):
        nib.save(nib.Nifti1Image(array.T, np.diag([-1.0, -1.0, 1.0, 1.0])), path)
    else:
        Image.fromarray(array).save(path, "PNG")


def make_pairs(folder: Path) -> Path:
    """Images a, b and c; masks for a and b."""
    for number, stem in enumerate("abc"):
        save(folder / "images" / f"{stem}.png", IMAGE + np.uint8(number))
    for stem in "ab":
        save(folder / "masks" / f"{stem}.png", MASK * 255)
    return folder
