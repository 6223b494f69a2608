"""Random changes of chest X-rays that MONAI lacks: collimation, devices and letters, opacities, JPEG.

All take images (1, H, W) float32 in [0, 1], brighter is denser, and labels (C, H, W), and are seeded as
MONAI's own transforms are.
"""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.transforms.transform import MapTransform, RandomizableTransform
from PIL import Image, ImageDraw
from scipy import ndimage

Array = npt.NDArray[np.float32]


def _array(tensor: torch.Tensor) -> Array:
    """The tensor's own memory; numpy's `asarray` of a `MetaTensor` warns."""
    array: Array = tensor.as_subclass(torch.Tensor).numpy()
    return array


class RandMirrord(RandomizableTransform, MapTransform):
    """Mirror image and label left to right, and swap the channels that are sides.

    A mirrored radiograph cannot be told from one of a person with the heart on the right. The side of a lung
    is therefore where it lies: the right lung is on the image's left.

    Args:
        keys: Image and label.
        label_key: The one of `keys` that has sides.
        sides: The two channels of the label that change places.
        prob: How often.
    """

    def __init__(
        self, keys: KeysCollection, label_key: str = "label", sides: Sequence[int] = (0, 1), prob: float = 0.5
    ) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)
        self.label_key = label_key
        self.sides = tuple(sides)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Item -> item of the same shapes."""
        item = dict(data)
        self.randomize(None)
        if not self._do_transform:
            return item
        for key in self.key_iterator(item):
            mirrored = torch.flip(item[key], dims=(-1,))
            if key == self.label_key:
                order = list(range(mirrored.shape[0]))
                first, second = self.sides
                order[first], order[second] = second, first
                mirrored = mirrored[order]
            item[key] = mirrored
        return item


class _RandImaged(RandomizableTransform, MapTransform):
    """A random change of the image alone: subclasses give `change`."""

    def __init__(self, keys: KeysCollection, prob: float) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        item = dict(data)
        self.randomize(None)
        if not self._do_transform:
            return item
        for key in self.key_iterator(item):
            image = item[key]
            changed = self.change(_array(image)[0].copy(), item)  # (H, W)
            item[key] = image.clone()
            item[key][0] = torch.from_numpy(np.clip(changed, 0.0, 1.0))
        return item

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """(H, W) in [0, 1] -> (H, W); `self.R` is the source of chance."""
        raise NotImplementedError


class RandForeignObjectsd(_RandImaged):
    """Draw what lies on or in front of a chest: tubes and cables, plates, letters, each of one grey level.

    Args:
        keys: The image.
        prob: How often anything is drawn.
        most: Objects of one image, at least one.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.3, most: int = 4) -> None:
        super().__init__(keys, prob)
        self.most = most

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """One to `most` objects, drawn over each other."""
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
        """A bent line: a quadratic curve through three points."""
        (ax, ay), (bx, by), (cx, cy) = (self._point(shape) for _ in range(3))
        at = np.linspace(0, 1, 24)
        xs = (1 - at) ** 2 * ax + 2 * at * (1 - at) * bx + at**2 * cx
        ys = (1 - at) ** 2 * ay + 2 * at * (1 - at) * by + at**2 * cy
        width = self.R.randint(1, max(2, min(shape) // 50))
        draw.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), fill=255, width=int(width))

    def _plate(self, draw: ImageDraw.ImageDraw, shape: tuple[int, ...]) -> None:
        """A pacemaker, an electrode, a label: up to a fifth of the image wide."""
        x, y = self._point(shape)
        width, height = self.R.uniform(0.02, 0.2) * shape[1], self.R.uniform(0.02, 0.2) * shape[0]
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if self.R.rand() < 0.5:
            draw.ellipse(box, fill=255)
        else:
            draw.rectangle(box, fill=255)

    def _letters(self, draw: ImageDraw.ImageDraw, shape: tuple[int, ...]) -> None:
        """One to twelve letters and digits."""
        signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :/"
        text = "".join(signs[self.R.randint(len(signs))] for _ in range(self.R.randint(1, 13)))
        draw.text(self._point(shape), text, fill=255, font_size=float(self.R.uniform(0.03, 0.12) * shape[0]))


class RandCollimationd(_RandImaged):
    """Darken or brighten the image outside a rectangle, as the shutters of the X-ray tube do.

    Args:
        keys: The image.
        prob: How often.
        most: Of each side, the share of the image that may be covered.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.2, most: float = 0.15) -> None:
        super().__init__(keys, prob)
        self.most = most

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Cover up to four sides."""
        height, width = image.shape
        top, bottom, left, right = (self.R.uniform(0, self.most) * (self.R.rand() < 0.7) for _ in range(4))
        level = np.float32(self.R.uniform(0.0, 0.1) if self.R.rand() < 0.8 else self.R.uniform(0.9, 1.0))
        covered = np.full_like(image, level)
        rows = slice(round(top * height), height - round(bottom * height))
        columns = slice(round(left * width), width - round(right * width))
        covered[rows, columns] = image[rows, columns]
        return covered


class RandOpacityd(_RandImaged):
    """Whiten a part of the lungs, as pneumonia, oedema or an effusion does; the label stays as it is.

    Args:
        keys: The image.
        label_key: (C, H, W) label; a pixel is lung where one of `lungs` is 1.
        lungs: Its channels.
        prob: How often.
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
        """Cloudy patches of smoothed noise around one to three points in the lungs."""
        lungs = (_array(item[self.label_key])[self.lungs] > 0).any(axis=0)
        rows, columns = np.nonzero(lungs)
        if rows.size == 0:
            return image
        size = min(image.shape)
        spots = np.zeros_like(image)
        ys, xs = np.ogrid[: image.shape[0], : image.shape[1]]
        for _ in range(self.R.randint(1, 4)):
            at = self.R.randint(rows.size)
            radius = self.R.uniform(0.05, 0.25) * size
            squared = (ys - rows[at]) ** 2 + (xs - columns[at]) ** 2
            spots = np.maximum(spots, np.exp(-squared / (2 * radius**2)))
        noise = ndimage.gaussian_filter(self.R.standard_normal(image.shape), size / 40)
        cloud = spots * np.clip(1.0 + 0.5 * noise / (noise.std() + 1e-6), 0.0, 1.5)
        inside = ndimage.gaussian_filter(lungs.astype(np.float32), size / 80)
        cover = np.clip(self.R.uniform(0.3, 1.0) * cloud * inside, 0.0, 1.0)
        whitened: Array = (image + cover * (self.R.uniform(0.6, 0.95) - image)).astype(np.float32)
        return whitened


class RandJpegd(_RandImaged):
    """Store as JPEG and read back.

    Args:
        keys: The image.
        prob: How often.
        quality: Range of Pillow's quality, 1 to 95.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.2, quality: Sequence[int] = (10, 60)) -> None:
        super().__init__(keys, prob)
        self.quality = tuple(quality)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Eight bits, one channel."""
        file = io.BytesIO()
        grey = Image.fromarray(np.round(np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8))
        grey.save(file, "JPEG", quality=int(self.R.randint(self.quality[0], self.quality[1] + 1)))
        return np.asarray(Image.open(file), np.float32) / np.float32(255.0)


class RandNegatived(_RandImaged):
    """Turn the image into its negative, as files with a wrong polarity are.

    Args:
        keys: The image.
        prob: How often.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.1) -> None:
        super().__init__(keys, prob)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """1 - image."""
        return 1.0 - image
