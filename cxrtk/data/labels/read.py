"""One mask file of any format -> masks with the names of what they show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cxrtk.classes import LUNGS
from cxrtk.data.labels.drawing import read_drawing
from cxrtk.data.labels.json_files import looks_like_json
from cxrtk.data.labels.named import NamedMasks
from cxrtk.data.labels.seg import is_seg, read_seg
from cxrtk.data.pixels.masks import present_values, read_labels, read_mask
from cxrtk.errors import CxrReadError


def read_named(
    path: str | Path,
    *,
    image: str | Path | None = None,
    size: tuple[int, int] | None = None,
    numbers: Mapping[int, str] | None = None,
    names: Mapping[str, str] | None = None,
    threshold: float | None = None,
) -> NamedMasks:
    """Read a mask, a class map, a DICOM segmentation or a drawing; the content decides which of them it is.

    Args:
        path: Path of the file: PNG, JPEG, BMP, GIF, TIFF, NIfTI, DICOM, or JSON of LabelMe or Darwin.
        image: Path of the radiograph; a DICOM segmentation must reference its UID.
        size: (H, W) of the radiograph; a drawing must agree with it.
        numbers: Class of each number if the file is a class map; ``None`` if it is a single mask.
        names: Map from unknown names in segmentations and drawings to classes.
        threshold: Threshold of masks, not of class maps; see `cxrtk.pixels.read_mask`.

    Raises:
        CxrReadError: The file cannot be read, or a class map has a number without a class.
    """
    if looks_like_json(path):
        return read_drawing(path, size=size, names=names)
    if is_seg(path):
        return read_seg(path, image=image, names=names)
    if numbers is None:
        return NamedMasks(read_mask(path, threshold=threshold)[None], (LUNGS,))
    values = read_labels(path)
    unnamed = set(present_values(values).tolist()) - {0, *numbers}
    if unnamed:
        what = f"holds the class numbers {sorted(unnamed)}, which have no name"
        raise CxrReadError(path, what, cure="name them in label_classes", code="values")
    masks: dict[str, np.ndarray] = {}
    for number, name in numbers.items():
        inside = (values == number).astype(np.uint8)
        masks[name] = inside if name not in masks else np.maximum(masks[name], inside)
    return NamedMasks(np.stack(list(masks.values())), tuple(masks))
