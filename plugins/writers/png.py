"""Masks as PNG: the lungs to look at, and the classes to compute with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk import Segmentation, Writer, pixels, writers


@writers.register("png")
class PngWriter(Writer):
    """Writes ``<stem>.png``, 0 and 255: both lungs, never the heart; and ``<stem>_labels.png``.

    The labels are 1 right lung, 2 left lung, 3 heart, as ``labels/`` of the reader `image_mask_folder`; they
    are written where the model tells the lungs apart. A pixel of a lung and the heart counts as lung.

    Args:
        labels: Write the classes, where there are any.
    """

    def __init__(self, labels: bool = True) -> None:
        self.labels = labels

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """One or two files of the image's size."""
        lungs = stem.with_name(f"{stem.name}.png")
        Image.fromarray(segmentation.lungs() * np.uint8(255)).save(lungs)
        if not self.labels or "right_lung" not in segmentation.classes:
            return [lungs]
        labels = stem.with_name(f"{stem.name}_labels.png")
        Image.fromarray(pixels.label_map(segmentation.masks, segmentation.classes)).save(labels)
        return [lungs, labels]
