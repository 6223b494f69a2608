"""Augmentation with foreign objects: tubes, cables, plates and letters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from monai.config.type_definitions import KeysCollection
from PIL import Image, ImageDraw

from cxrtk.data.augment.image import Array, RandImaged


class RandForeignObjectsd(RandImaged):
    """Draw objects on or in front of a chest: tubes and cables, plates, letters, each of one grey level.

    Args:
        keys: Key of the image.
        prob: Probability of applying the transform.
        most: Maximum number of objects in one image, at least 1.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.3, most: int = 4) -> None:
        super().__init__(keys, prob)
        self.most = most

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Draw one to `most` objects over each other."""
        for _ in range(self.R.randint(1, self.most + 1)):
            canvas = Image.new("L", image.shape[::-1])
            [self._cable, self._plate, self._letters][self.R.randint(3)](ImageDraw.Draw(canvas), image.shape)
            cover = np.asarray(canvas, np.float32) / 255.0
            level = self.R.uniform(0.6, 1.0) if self.R.rand() < 0.8 else self.R.uniform(0.0, 0.3)
            cover *= np.float32(self.R.uniform(0.5, 1.0))
            image = image + cover * (np.float32(level) - image)
        return image

    def _point(self, shape: tuple[int, ...]) -> tuple[float, float]:
        return self.R.uniform(0, shape[1]), self.R.uniform(0, shape[0])

    def _cable(self, draw: ImageDraw.ImageDraw, shape: tuple[int, ...]) -> None:
        """Draw a cable: a quadratic curve through three points."""
        (ax, ay), (bx, by), (cx, cy) = (self._point(shape) for _ in range(3))
        at = np.linspace(0, 1, 24)
        xs = (1 - at) ** 2 * ax + 2 * at * (1 - at) * bx + at**2 * cx
        ys = (1 - at) ** 2 * ay + 2 * at * (1 - at) * by + at**2 * cy
        width = self.R.randint(1, max(2, min(shape) // 50))
        draw.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), fill=255, width=int(width))

    def _plate(self, draw: ImageDraw.ImageDraw, shape: tuple[int, ...]) -> None:
        """Draw a pacemaker, an electrode or a sticker: up to a fifth of the image wide."""
        x, y = self._point(shape)
        width, height = self.R.uniform(0.02, 0.2) * shape[1], self.R.uniform(0.02, 0.2) * shape[0]
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if self.R.rand() < 0.5:
            draw.ellipse(box, fill=255)
        else:
            draw.rectangle(box, fill=255)

    def _letters(self, draw: ImageDraw.ImageDraw, shape: tuple[int, ...]) -> None:
        """Draw one to twelve letters and digits."""
        signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :/"
        text = "".join(signs[self.R.randint(len(signs))] for _ in range(self.R.randint(1, 13)))
        draw.text(self._point(shape), text, fill=255, font_size=float(self.R.uniform(0.03, 0.12) * shape[0]))
