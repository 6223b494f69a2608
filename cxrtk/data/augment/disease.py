"""Opacities that hide lung: the image whitens, the label is unchanged."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from monai.config.type_definitions import KeysCollection

from cxrtk.data.augment.blur import blurred, noise
from cxrtk.data.augment.image import Array, RandImaged, array_of


class RandOpacityd(RandImaged):
    """Whiten a part of the lungs, as pneumonia, oedema or an effusion does; the label is unchanged.

    Args:
        keys: Key of the image.
        label_key: Key of the (C, H, W) label; a pixel is lung where any of `lungs` is 1.
        lungs: Channels of the lungs.
        prob: Probability of applying the transform.
    """

    def __init__(
        self,
        keys: KeysCollection,
        label_key: str = "label",
        lungs: Sequence[int] = (0, 1, 3),
        prob: float = 0.3,
    ) -> None:
        super().__init__(keys, prob)
        self.label_key = label_key
        self.lungs = list(lungs)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Add cloudy patches of smoothed noise around one to three points in the lungs."""
        lungs = np.any(array_of(item[self.label_key])[self.lungs] > 0, axis=0)
        rows, columns = np.nonzero(lungs)
        if rows.size == 0:
            return image
        size = min(image.shape)
        spots = np.zeros_like(image)
        ys, xs = (axis.astype(np.float32) for axis in np.ogrid[: image.shape[0], : image.shape[1]])
        for _ in range(self.R.randint(1, 4)):
            at = self.R.randint(rows.size)
            radius = self.R.uniform(0.05, 0.25) * size
            # A Gaussian of the distance is the product of those along the axes.
            down, across = (
                np.exp(-((axis - np.float32(where)) ** 2) * np.float32(1 / (2 * radius**2)))
                for axis, where in ((ys, rows[at]), (xs, columns[at]))
            )
            spots = np.maximum(spots, down * across)
        cloudy = blurred(noise(image.shape, self.R), size / 40)
        cloud = spots * np.clip(1.0 + 0.5 * cloudy / (cloudy.std() + 1e-6), 0.0, 1.5)
        inside = blurred(lungs.astype(np.float32), size / 80)
        cover = np.clip(self.R.uniform(0.3, 1.0) * cloud * inside, 0.0, 1.0)
        whitened: Array = (image + cover * (self.R.uniform(0.6, 0.95) - image)).astype(np.float32)
        return whitened


class RandBasesd(RandImaged):
    """Whiten the base of one or both lungs, as consolidation or an effusion does; the label is unchanged.

    The upper border is soft and rises towards the chest wall, like the meniscus of an effusion.

    Args:
        keys: Key of the image.
        label_key: Key of the (C, H, W) label; a pixel is lung where any channel of a side is 1.
        sides: Channels of the right and the left lung.
        prob: Probability of applying the transform.
    """

    def __init__(
        self,
        keys: KeysCollection,
        label_key: str = "label",
        sides: Sequence[int] = (0, 1),
        prob: float = 0.2,
    ) -> None:
        super().__init__(keys, prob)
        self.label_key = label_key
        self.sides = tuple(sides)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Whiten 10 to 60 % of the height of one lung, or of both."""
        both = self.R.rand() < 0.3
        chosen = self.sides if both else (self.sides[self.R.randint(2)],)
        for side in chosen:
            lung = array_of(item[self.label_key])[side] > 0.5
            if lung.any():
                image = self._fill(image, lung, towards_left=side == self.sides[0])
        return image

    def _fill(self, image: Array, lung: Array, *, towards_left: bool) -> Array:
        """Whiten the lower part of a lung; its chest wall is on the image's left or right."""
        rows, columns = np.flatnonzero(lung.any(axis=1)), np.flatnonzero(lung.any(axis=0))
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        across = (np.arange(image.shape[1]) - columns[0]) / width  # 0 to 1 over the lung
        outwards = 1.0 - across if towards_left else across
        share = self.R.uniform(0.1, 0.6)
        rise = self.R.uniform(0.0, 0.5) * share
        border = rows[-1] - height * (share + rise * (np.clip(outwards, 0, 1) ** 2 - 0.5))
        softness = self.R.uniform(0.01, 0.08) * height
        below = (np.arange(image.shape[0])[:, None] - border) / softness
        cover = 1.0 / (1.0 + np.exp(-np.clip(below, -30, 30)))
        inside = blurred(lung.astype(np.float32), min(image.shape) / 60)
        cloudy = blurred(noise(image.shape, self.R), min(image.shape) / 40)
        cloud = 1.0 + self.R.uniform(0.0, 0.2) * cloudy / (cloudy.std() + 1e-6)
        cover = np.clip(self.R.uniform(0.5, 1.0) * cover * inside * cloud, 0.0, 1.0)
        filled: Array = (image + cover * (self.R.uniform(0.6, 0.95) - image)).astype(np.float32)
        return filled
