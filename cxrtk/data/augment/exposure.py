"""Augmentation of exposure, processing and storage: collimation, grey ranges, JPEG, inverted polarity."""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from monai.config.type_definitions import KeysCollection
from PIL import Image

from cxrtk.data.augment.image import Array, RandImaged


class RandCollimationd(RandImaged):
    """Darken or brighten the image outside a rectangle, like the collimator of an X-ray tube.

    Args:
        keys: Key of the image.
        prob: Probability of applying the transform.
        most: Largest fraction of the image that may be covered from each side.
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


class RandGreyRanged(RandImaged):
    """Change the mapping of density to grey value, as between detectors, films and displays.

    One of four changes is drawn with equal probability:

    - a window: values beyond two of the image's own quantiles are clipped;
    - film: the S-shaped Hurter-Driffield curve, as a logistic function of the values;
    - few grey levels: quantised to 12 to 64 evenly spaced levels;
    - low contrast: the values are compressed towards their mean, while a strip along one side is set to black
      or white, so that scaling by percentiles cannot undo it.

    Args:
        keys: Key of the image.
        prob: Probability of applying the transform.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.3) -> None:
        super().__init__(keys, prob)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Apply one of the four changes to an image, (H, W) in [0, 1]."""
        kinds = (self._window, self._film, self._few_levels, self._low_contrast)
        return kinds[self.R.randint(len(kinds))](image)

    def _window(self, image: Array) -> Array:
        low, high = np.quantile(image, [self.R.uniform(0.0, 0.3), self.R.uniform(0.7, 1.0)])
        if high <= low:
            return image
        windowed: Array = np.clip((image - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
        return windowed

    def _film(self, image: Array) -> Array:
        gain, middle = self.R.uniform(3.0, 10.0), self.R.uniform(0.3, 0.7)
        ends = 1.0 / (1.0 + np.exp(-gain * (np.array([0.0, 1.0]) - middle)))
        curve = 1.0 / (1.0 + np.exp(-gain * (image - middle)))
        shown: Array = ((curve - ends[0]) / (ends[1] - ends[0])).astype(np.float32)
        return shown

    def _few_levels(self, image: Array) -> Array:
        steps = np.float32(self.R.randint(12, 65) - 1)
        rounded: Array = (np.round(image * steps) / steps).astype(np.float32)
        return rounded

    def _low_contrast(self, image: Array) -> Array:
        mean = np.float32(image.mean())
        share = np.float32(self.R.uniform(0.2, 0.7))
        flat: Array = (mean + share * (image - mean)).astype(np.float32)
        quarter_turns = int(self.R.randint(4))
        seen = np.rot90(flat, quarter_turns)  # a view; its first rows are one side of `flat`
        seen[: max(1, round(self.R.uniform(0.02, 0.08) * len(seen)))] = self.R.randint(2)
        return flat


class RandJpegd(RandImaged):
    """Compress the image as JPEG.

    Args:
        keys: Key of the image.
        prob: Probability of applying the transform.
        quality: Range of Pillow's quality setting, 1 to 95.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.2, quality: Sequence[int] = (10, 60)) -> None:
        super().__init__(keys, prob)
        self.quality = tuple(quality)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Encode and decode the image as 8-bit, single-channel JPEG."""
        file = io.BytesIO()
        grey = Image.fromarray(np.round(np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8))
        grey.save(file, "JPEG", quality=int(self.R.randint(self.quality[0], self.quality[1] + 1)))
        return np.asarray(Image.open(file), np.float32) / np.float32(255.0)


class RandNegatived(RandImaged):
    """Invert the grey values, as in files with a wrong polarity.

    Args:
        keys: Key of the image.
        prob: Probability of applying the transform.
    """

    def __init__(self, keys: KeysCollection, prob: float = 0.1) -> None:
        super().__init__(keys, prob)

    def change(self, image: Array, item: Mapping[Hashable, Any]) -> Array:
        """Return 1 - image."""
        return 1.0 - image
