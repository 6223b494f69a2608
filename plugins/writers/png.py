"""Writer of masks as PNG: the lungs for viewing, and the class map for processing."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk import Segmentation, Writer, pixels, writers


@writers.register("png")
class PngWriter(Writer):
    """Writer of ``<stem>.png``, 0 and 255: both lungs, with the heart only under ``heart-included``.

    Under the other convention, ``<stem>_labels.png`` is also written.

    The labels are 1 right lung, 2 left lung, 3 heart, as in ``labels/`` of the reader `image_mask_folder`;
    they are written if the model separates the lungs. A pixel of both a lung and the heart is labelled as
    lung. Files are compressed by run lengths, which is fast and effective for masks.

    Args:
        labels: Write the class map, if the model has these classes.
    """

    def __init__(self, labels: bool = True) -> None:
        self.labels = labels

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write one or two files of the size of the image."""
        lungs = stem.with_name(f"{stem.name}.png")
        Image.fromarray(segmentation.lungs() * np.uint8(255)).save(lungs, compress_type=zlib.Z_RLE)
        if not self.labels or "right_lung" not in segmentation.classes:
            return [lungs]
        labels = stem.with_name(f"{stem.name}_labels.png")
        numbers = pixels.label_map(segmentation.masks, segmentation.classes)
        Image.fromarray(numbers).save(labels, compress_type=zlib.Z_RLE)
        return [lungs, labels]
