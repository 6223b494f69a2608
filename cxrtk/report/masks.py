"""Masks written by `cxrtk segment` for one image, located among its outputs and read back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, LUNGS, SIDES, in_words
from cxrtk.data import digest, pixels
from cxrtk.errors import CxrReadError
from cxrtk.inference.segmentation.preview import COLOURS
from cxrtk.report.pictures import LayerStyle

Mask = npt.NDArray[np.uint8]

# The colours of previews, which are safe for colour-blind readers; the legend names each colour.
STYLES = {
    name: LayerStyle(name, in_words(name).capitalize(), COLOURS[name]) for name in (LUNGS, *SIDES, HEART)
}
LABELS, PREVIEW = "_labels.png", "_preview.jpg"


def masks_file(outputs: Mapping[str, str]) -> str:
    """Return the name of the most detailed mask file: class map, else mask of both lungs, else empty.

    >>> masks_file({"a.json": "", "a.png": "", "a_labels.png": ""})
    'a_labels.png'
    >>> masks_file({"x_labels.png": ""})  # the lungs of an image called x_labels
    'x_labels.png'
    """
    pictures = [name for name in outputs if name.endswith(".png")]
    for name in pictures:
        if name.endswith(LABELS) and f"{name.removesuffix(LABELS)}.png" in outputs:
            return name
    return pictures[0] if pictures else ""


def preview_file(outputs: Mapping[str, str]) -> str:
    """Return the name of the preview file; empty if there is none."""
    return next((name for name in outputs if name.endswith(PREVIEW)), "")


def read_masks(folder: Path, outputs: Mapping[str, str]) -> dict[str, Mask]:
    """Read (H, W) masks of zeros and ones by class, at the size of the image; empty without a PNG.

    Raises:
        CxrReadError: The file is missing, cannot be read, or was changed.
    """
    name = masks_file(outputs)
    if not name:
        return {}
    path = unchanged(folder, name, outputs[name])
    if not name.endswith(LABELS) or f"{name.removesuffix(LABELS)}.png" not in outputs:
        return {"lungs": pixels.read_mask(path)}
    numbers = pixels.read_labels(path)
    return {name: (numbers == number).astype(np.uint8) for number, name in sorted(pixels.CLASSES.items())}


def unchanged(folder: Path, name: str, sha256: str) -> Path:
    """Return the path of an output after checking that the file was not changed.

    Raises:
        CxrReadError: The file is missing, is outside the folder, or has other contents.
    """
    path = inside(folder, name)
    if not path.is_file():
        raise CxrReadError(name, "is gone", cure="segment again", code="missing")
    if digest.sha256(path) != sha256:
        raise CxrReadError(name, "was changed after it was written", cure="segment again", code="damaged")
    return path


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file named by a manifest, which is untrusted.

    Raises:
        CxrReadError: The path leads out of the folder.
    """
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        raise CxrReadError(
            name, "leads out of the folder", cure="check who wrote the manifest", code="no_access"
        )
    return folder / parts
