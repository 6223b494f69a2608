"""The large picture of one image: its stored preview, or one drawn from the image and its masks."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk.api import Segmentation
from cxrtk.classes import HEART_EXCLUDED
from cxrtk.inference.segmentation.preview import preview
from cxrtk.report import sources
from cxrtk.report.data_uri import data_uri
from cxrtk.report.entries import Entry
from cxrtk.report.sources import Images

QUALITY = 90  # JPEG quality


@dataclass(frozen=True)
class Large:
    """A picture with the outlines, the side letters and the lines of the cardiothoracic ratio.

    Attributes:
        uri: Data URI of the picture; empty if there is none.
        width: Number of columns.
        height: Number of rows.
        notes: Missing parts and their reasons, one sentence each.
    """

    uri: str
    width: int
    height: int
    notes: tuple[str, ...] = ()


def large(entry: Entry, folder: Path, images: Images) -> Large:
    """Return the stored preview of an image if it is unchanged; otherwise draw a new one.

    Args:
        entry: Entry of the image; without masks there is no picture.
        folder: Output folder of `cxrtk segment`.
        images: Current folder of the image; the image is read if there is no preview.
    """
    notes: list[str] = []
    if not entry.segmented:
        return Large("", 0, 0)
    picture = sources.preview_of(entry, folder, notes)
    if picture is None:
        picture = _drawn(entry, folder, images, notes)
    if picture is None:
        notes.append(
            "There is no picture: segment the image with --preview, or name it by --input of cxrtk report."
        )
        return Large("", 0, 0, tuple(notes))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return Large(data_uri(file.getvalue(), "image/jpeg"), picture.width, picture.height, tuple(notes))


def _drawn(entry: Entry, folder: Path, images: Images, notes: list[str]) -> Image.Image | None:
    radiograph = sources.radiograph_of(entry, images, notes)
    if radiograph is None:
        return None
    masks = sources.masks_of(entry, folder, notes)
    size = radiograph.pixels.shape
    if any(mask.shape != size for mask in masks.values()):
        notes.append("The masks are of another size than the image, and are not shown.")
        masks = {}
    stacked = np.stack(list(masks.values())) if masks else np.zeros((0, *size), np.uint8)
    return preview(
        Segmentation(
            source=Path(entry.input),
            radiograph=radiograph,
            masks=stacked,
            classes=tuple(masks),
            probabilities=np.zeros((len(masks), 1, 1), np.float32),  # not shown in a preview
            measures=entry.measures,
            quality=entry.quality,
            model=entry.model,
            convention=str(entry.measures.get("convention", HEART_EXCLUDED)),
        )
    )
