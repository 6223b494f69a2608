"""Other anatomy: the heart enlarged, the lungs deformed, image and label together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.transforms.transform import MapTransform, RandomizableTransform
from scipy import ndimage

from cxrtk.data.augment.image import array_of

Grid = npt.NDArray[np.float64]  # (2, H, W): the row and column that each pixel is taken from


class RandAnatomyd(RandomizableTransform, MapTransform):
    """Enlarge or shrink the heart and some other places, each about a point of its own.

    A pixel at distance r from the point is taken from the distance ``r (1 - a exp(-r^2 / 2 s^2))``, which for
    ``a < 1`` folds nothing: ``a > 0`` enlarges what lies within s of the point, and pushes its surroundings
    together; ``a < 0`` shrinks it.

    Args:
        keys: Image and label.
        label_key: The one of `keys` that is the (C, H, W) label; it is sampled at the nearest pixel.
        heart: Channel of the heart. Where it holds none (0 or unknown), the place where a heart lies
            between the lungs is taken.
        lungs: Channels of which a pixel is lung where one is 1.
        prob: How often.
        heart_gain: Range of ``a`` for the heart.
        lung_gain: Range of ``a`` for up to three points in or near the lungs.
    """

    def __init__(
        self,
        keys: KeysCollection,
        label_key: str = "label",
        heart: int = 2,
        lungs: Sequence[int] = (0, 1, 3),
        prob: float = 0.3,
        heart_gain: Sequence[float] = (-0.2, 0.6),
        lung_gain: Sequence[float] = (-0.3, 0.3),
    ) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)
        self.label_key = label_key
        self.heart = heart
        self.lungs = list(lungs)
        self.heart_gain = (float(heart_gain[0]), float(heart_gain[1]))
        self.lung_gain = (float(lung_gain[0]), float(lung_gain[1]))

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Item -> item of the same shapes."""
        item = dict(data)
        self.randomize(None)
        label = array_of(item[self.label_key])
        if not self._do_transform or not (label[self.lungs] > 0.5).any():
            return item
        grid = self._grid(label)
        nearest = np.rint(grid).astype(np.intp)
        rows, columns = (np.clip(nearest[axis], 0, label.shape[axis + 1] - 1) for axis in range(2))
        for key in self.key_iterator(item):
            before = array_of(item[key])
            if key == self.label_key:
                after = before[:, rows, columns]
            else:
                after = np.stack(
                    [ndimage.map_coordinates(plane, grid, order=1, mode="nearest") for plane in before]
                )
            item[key] = item[key].clone()
            item[key][:] = torch.from_numpy(after)
        return item

    def _grid(self, label: npt.NDArray[np.float32]) -> Grid:
        """Where each pixel is taken from."""
        grid: Grid = np.indices(label.shape[1:]).astype(np.float64)
        centre, size = self._heart_of(label)
        _enlarge(grid, centre, size, self.R.uniform(*self.heart_gain))
        rows, columns = np.nonzero((label[self.lungs] > 0.5).any(axis=0))
        extent = max(np.ptp(rows), np.ptp(columns)) + 1
        for _ in range(self.R.randint(0, 4)):
            at = self.R.randint(rows.size)
            _enlarge(
                grid,
                (rows[at], columns[at]),
                self.R.uniform(0.1, 0.25) * extent,
                self.R.uniform(*self.lung_gain),
            )
        return grid

    def _heart_of(self, label: npt.NDArray[np.float32]) -> tuple[tuple[float, float], float]:
        """Centre and half the width of the heart, or of where one should be."""
        rows, columns = np.nonzero(label[self.heart] > 0.5)
        if rows.size:
            return (float(rows.mean()), float(columns.mean())), max(2.0, float(np.ptp(columns)) / 2)
        rows, columns = np.nonzero((label[self.lungs] > 0.5).any(axis=0))
        # Typical of hearts that are labelled: two thirds down the lungs, a little to the patient's left.
        row = rows.min() + 0.66 * np.ptp(rows)
        column = columns.min() + 0.55 * np.ptp(columns)
        return (float(row), float(column)), max(2.0, 0.24 * float(np.ptp(columns)))


def _enlarge(grid: Grid, centre: tuple[float, float], size: float, gain: float) -> None:
    """Add one local change to where pixels are taken from."""
    down, across = grid[0] - centre[0], grid[1] - centre[1]
    nearer = gain * np.exp(-(down**2 + across**2) / (2 * size**2))
    grid[0] -= nearer * down
    grid[1] -= nearer * across
