"""Picture in the README of an exported bundle: a drawn chest beside the model's segmentation of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk.data import phantom
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.model_file import Model

SIZE = 320  # pixels
GREYS = (0, 255, 170, 85)  # background, and the classes in the order of the label map


def write_example(model: Model, path: Path) -> None:
    """Draw a chest, segment it, and write both side by side; the picture shows no patient."""
    drawn = phantom.draw(0, size=SIZE)
    found = Segmenter(model, backend="torch").segment(drawn.pixels, value_range=(0, 1))
    numbers = np.zeros((SIZE, SIZE), np.uint8)
    for number, mask in reversed(list(enumerate(found.masks, start=1))):
        numbers[mask != 0] = GREYS[min(number, len(GREYS) - 1)]
    grey = np.round(drawn.pixels * 255).astype(np.uint8)
    Image.fromarray(np.hstack([grey, numbers])).save(path)
