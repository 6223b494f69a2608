"""DICOM files that were segmented, by masks that no flip, turn or shift leaves as they are."""

from pathlib import Path

import numpy as np

from cxrtk import Segmentation, pixels
from cxrtk.inference.segmentation.measures import measure

CLASSES = ("right_lung", "left_lung", "heart")
MODEL = {"name": "lungs", "sha256": "0123456789abcdef" * 4, "version": "0.1.0"}


def masks_of(height: int, width: int) -> np.ndarray:
    """(3, H, W) uint8: each one an F of another size and place, the heart over both lungs, corners set."""
    masks = np.zeros((3, height, width), np.uint8)
    for number, mask in enumerate(masks):
        top, left = (2 + number) * height // 12, (1 + 2 * number) * width // 10
        mask[top : top + height // 2, left : left + width // 12 + 3 * number] = 1
        mask[top : top + height // 16 + 1, left : left + width // 3] = 1
        mask[top + height // 5 : top + height // 4, left : left + width // 4] = 1
    masks[0, 0, 1] = masks[1, -1, 0] = masks[2, 1, -1] = 1
    return masks


def segmented(path: Path) -> Segmentation:
    """What a model might have found on a file."""
    radiograph = pixels.read(path)
    masks = masks_of(*radiograph.pixels.shape)
    found = measure(masks, CLASSES, radiograph)
    quality = {"flag": "review", "score": 0.4321, "reasons": ["a", "b"]}
    return Segmentation(
        path, radiograph, masks, CLASSES, np.zeros((3, 8, 8), np.float32), found, quality, MODEL
    )
