"""Anatomical augmentation: enlarge the heart and deform the lungs, image and label together."""

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

Grid = npt.NDArray[np.float64]  # (2, H, W): the source row and column of each pixel
Region = tuple[tuple[float, float], float, float]  # centre, radius and gain


class RandAnatomyd(RandomizableTransform, MapTransform):
    """Enlarge or shrink the heart and several other regions, each about its own centre.

    A pixel at distance r from the centre is sampled at the distance ``r (1 - a exp(-r^2 / 2 s^2))``, which is
    free of folds for ``a < 1``: ``a > 0`` enlarges the region within s of the centre and compresses its
    surroundings; ``a < 0`` shrinks it.

    Args:
        keys: Keys of the image and the label.
        label_key: Key, one of `keys`, of the (C, H, W) label, sampled with nearest-neighbour interpolation.
        heart: Channel of the heart. Where it is empty (0 or unknown), the typical position of a heart between
            the lungs is used.
        lungs: Channels of the lungs; a pixel is lung where any of them is 1.
        prob: Probability of applying the transform.
        heart_gain: Range of ``a`` for the heart.
        lung_gain: Range of ``a`` for up to three centres in or near the lungs.
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
        """Transform an item, keeping all shapes."""
        item = dict(data)
        label = array_of(item[self.label_key])
        self.randomize(None)
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

    def regions(self, label: npt.NDArray[np.float32]) -> list[Region]:
        """Draw the regions to enlarge in one image, in their order; none with probability 1 - `prob`.

        Args:
            label: Label, (C, H, W); without lungs, there are no regions.
        """
        self.randomize(None)
        if not self._do_transform:
            return []
        return self._regions(label)

    def _grid(self, label: npt.NDArray[np.float32]) -> Grid:
        """Compute the source position of each pixel."""
        grid: Grid = np.indices(label.shape[1:]).astype(np.float64)
        for region in self._regions(label):
            enlarge(grid, *region)
        return grid

    def _regions(self, label: npt.NDArray[np.float32]) -> list[Region]:
        rows, columns = np.nonzero((label[self.lungs] > 0.5).any(axis=0))
        if rows.size == 0:
            return []
        centre, size = self._heart_of(label)
        found: list[Region] = [(centre, size, self.R.uniform(*self.heart_gain))]
        extent = max(np.ptp(rows), np.ptp(columns)) + 1
        for _ in range(self.R.randint(0, 4)):
            at = self.R.randint(rows.size)
            half = self.R.uniform(0.1, 0.25) * extent
            found.append(((int(rows[at]), int(columns[at])), half, self.R.uniform(*self.lung_gain)))
        return found

    def _heart_of(self, label: npt.NDArray[np.float32]) -> tuple[tuple[float, float], float]:
        """Return the centre and half width of the heart, or of its typical position."""
        rows, columns = np.nonzero(label[self.heart] > 0.5)
        if rows.size:
            return (float(rows.mean()), float(columns.mean())), max(2.0, float(np.ptp(columns)) / 2)
        rows, columns = np.nonzero((label[self.lungs] > 0.5).any(axis=0))
        # Typical position in labelled hearts: two thirds down the lungs, slightly to the patient's left.
        row = rows.min() + 0.66 * np.ptp(rows)
        column = columns.min() + 0.55 * np.ptp(columns)
        return (float(row), float(column)), max(2.0, 0.24 * float(np.ptp(columns)))


def enlarge(grid: Any, centre: tuple[float, float], size: float, gain: float) -> None:
    """Add one local deformation to a sampling grid, in place.

    Args:
        grid: Source rows and columns of the pixels, (H, W) each.
        centre: Row and column of the centre.
        size: Radius s of the region, in pixels.
        gain: Gain a, see `RandAnatomyd`.
    """
    down, across = grid[0] - centre[0], grid[1] - centre[1]
    nearer = down**2 + across**2
    nearer *= -1 / (2 * size**2)
    np.exp(nearer, out=nearer)
    nearer *= gain
    down *= nearer
    across *= nearer
    np.subtract(grid[0], down, out=grid[0])
    np.subtract(grid[1], across, out=grid[1])
