"""Star-shaped regions: the optimal closed outline around a point, by dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PolarGrid:
    """Elliptic polar coordinates, in which an upright ellipse of the given half axes is a circle.

    Rays start to the image's right and turn downwards.

    Attributes:
        angles: Number of rays, even.
        radii: Number of cells per ray; an outline passes between cells, at 0 to `radii` inclusive.
        half_height: Length of the vertical rays in pixels.
        half_width: Length of the horizontal rays in pixels.
    """

    angles: int = 128
    radii: int = 72
    half_height: float = 130.0
    half_width: float = 65.0

    def cell_lengths(self) -> Array:
        """Return the (angles,) length of one cell of each ray in pixels."""
        turn = np.arange(self.angles) * 2 * np.pi / self.angles
        lengths: Array = (
            np.hypot(self.half_height * np.sin(turn), self.half_width * np.cos(turn)) / self.radii
        )
        return lengths

    def sample(self, pixels: Array, row: float, column: float, *, beyond: float | None) -> Array:
        """Sample (angles, radii) values of an (H, W) array around a point, bilinearly.

        Args:
            pixels: (H, W).
            row: Row of the point.
            column: Column of the point.
            beyond: Value outside the array; ``None`` repeats its edge.
        """
        turn = np.arange(self.angles) * 2 * np.pi / self.angles
        radius = (np.arange(self.radii) + 0.5) / self.radii
        rows = row + self.half_height * np.outer(np.sin(turn), radius)
        columns = column + self.half_width * np.outer(np.cos(turn), radius)
        mode, value = ("nearest", 0.0) if beyond is None else ("constant", beyond)
        sampled: Array = ndimage.map_coordinates(pixels, [rows, columns], order=1, mode=mode, cval=value)
        return sampled

    def fill(
        self, outline: Array, row: float, column: float, *, shape: tuple[int, ...]
    ) -> npt.NDArray[np.bool_]:
        """Return the (H, W) mask of the interior of an (angles,) outline of radii, linear between rays."""
        down = (np.arange(shape[0])[:, None] - row) / self.half_height
        right = (np.arange(shape[1])[None, :] - column) / self.half_width
        ray = (np.arctan2(down, right) % (2 * np.pi)) * self.angles / (2 * np.pi)
        before = np.floor(ray).astype(np.int64)
        part = ray - before
        edge = outline[before % self.angles] * (1 - part) + outline[(before + 1) % self.angles] * part
        inside: npt.NDArray[np.bool_] = np.hypot(down, right) * self.radii < edge
        return inside


def inside_sums(votes: Array) -> Array:
    """Sum (..., angles, radii) votes within each radius, to (..., angles, radii + 1).

    A cell is weighted by its area, which grows with the radius; the outermost has a weight of about 1.
    """
    radii = votes.shape[-1]
    sums = np.cumsum(votes * (np.arange(radii) + 0.5) / radii, axis=-1)
    return np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1)


def outward_rise(samples: Array, *, reach: int = 4) -> Array:
    """Return the rise of (..., angles, radii) samples at each radius, (..., angles, radii + 1).

    The samples `reach` cells outwards and inwards are compared, clamped to the ends of the ray.
    """
    radii = samples.shape[-1]
    place = np.arange(radii + 1)
    outer = np.clip(place + reach - 1, 0, radii - 1)
    inner = np.clip(place - reach, 0, radii - 1)
    return np.asarray(samples[..., outer] - samples[..., inner])


def best_outlines(score: Array, *, step: int) -> tuple[Array, Array]:
    """Find the closed outlines of the highest total score.

    Dynamic programming over two turns; the middle turn is the outline. It is the optimal closed path wherever
    the optimum of two turns has settled into its cycle after half a turn, as it does in practice.

    Args:
        score: (N, angles, radii + 1) score of an outline at each ray and radius; even number of angles.
        step: Maximum change of the radius from one ray to the next.

    Returns:
        (N, angles) integer radii, and their (N,) total scores. Ties are broken in favour of the smoother one.
    """
    count, angles, radii = score.shape
    steps = np.array(sorted(range(-step, step + 1), key=abs))
    moves = np.empty((2 * angles, count, radii), dtype=np.int64)
    total = np.zeros((count, radii))
    padded = np.full((count, radii + 2 * step), -np.inf)
    for ray in range(2 * angles):
        padded[:, step : step + radii] = total
        options = np.stack([padded[:, step - move : step - move + radii] for move in steps])
        choice = options.argmax(axis=0)
        moves[ray] = steps[choice]
        total = options.max(axis=0) + score[:, ray % angles]
    path = np.empty((2 * angles, count), dtype=np.int64)
    path[-1] = total.argmax(axis=1)
    each = np.arange(count)
    for ray in range(2 * angles - 1, 0, -1):
        path[ray - 1] = path[ray] - moves[ray, each, path[ray]]
    half = angles // 2
    outlines = np.concatenate([path[angles : angles + half], path[half:angles]]).T  # (N, angles)
    earned = score[each[:, None], np.arange(angles)[None, :], outlines].sum(axis=1)
    return outlines.astype(np.float64), earned
