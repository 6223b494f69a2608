"""MONAI's scaling by percentiles, by a partial sort instead of a whole one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.transforms.transform import MapTransform

from cxrtk.data.augment.image import array_of, with_array
from cxrtk.data.pixels.percentiles import neighbours

LARGEST = 1_000_000  # elements; above, MONAI takes the percentiles by numpy, which sorts in part itself


class ScalePercentilesd(MapTransform):
    """Fast equivalent of MONAI's ``ScaleIntensityRangePercentilesd(..., clip=True)``, equal to the last bit.

    It is for float32 tensors, and takes a tenth of the time. The percentiles are interpolated in float32, as
    `torch.quantile` does up to a million elements and `numpy.percentile` above.

    Args:
        keys: Keys of the images.
        lower: Percentile that becomes `b_min`, in [0, 100].
        upper: Percentile that becomes `b_max`, in [0, 100].
        b_min: Lower end of the result.
        b_max: Upper end of the result.

    Raises:
        ValueError: A percentile is out of range.
    """

    def __init__(
        self, keys: KeysCollection, lower: float, upper: float, b_min: float = 0.0, b_max: float = 1.0
    ) -> None:
        super().__init__(keys)
        if not (0 <= lower <= 100 and 0 <= upper <= 100):
            raise ValueError(f"Percentiles must be in the range [0, 100], not {lower} and {upper}.")
        self.lower = lower
        self.upper = upper
        self.b_min = b_min
        self.b_max = b_max

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Scale the images of an item, keeping all shapes."""
        item = dict(data)
        for key in self.key_iterator(item):
            with np.errstate(invalid="ignore"):  # of infinities, as torch
                item[key] = with_array(item[key], self._scaled(array_of(item[key])))
        return item

    def _scaled(self, image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        low, high = percentiles(image, (self.lower, self.upper))
        scaled = image - low
        if high - low != 0.0:  # else MONAI subtracts only
            scaled /= high - low
            scaled *= np.float32(self.b_max - self.b_min)
        scaled += np.float32(self.b_min)
        return np.clip(scaled, np.float32(self.b_min), np.float32(self.b_max), out=scaled)


def percentiles(image: npt.NDArray[np.float32], asked: tuple[float, ...]) -> list[np.float32]:
    """Return percentiles of all elements as MONAI computes them; NaN where there is a NaN.

    Args:
        image: Float32 array of any shape.
        asked: Percentiles, in [0, 100].
    """
    if image.size > LARGEST:
        return [np.float32(each) for each in np.percentile(image, asked)]
    shares = torch.tensor(asked, dtype=torch.float64).div(100.0).float()  # as in torch.quantile
    ranks = shares * (image.size - 1)
    below = ranks.floor()
    if np.isnan(image.sum()):
        return [np.float32(np.nan if np.isnan(image).any() else each) for each in np.percentile(image, asked)]
    pairs = torch.from_numpy(np.stack(list(neighbours(image.ravel(), [int(place) for place in below]))))
    return list(torch.lerp(pairs[:, 0], pairs[:, 1], ranks - below).numpy())
