"""From votes for lung, one a pixel, to two lungs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from cxrtk.data.regions.polar import PolarGrid, best_outlines, inside_sums, outward_rise

Array = npt.NDArray[np.float64]
Point = tuple[float, float]

GRID = PolarGrid()


@dataclass(frozen=True)
class LungShape:
    """How a lung may look; lengths in pixels of the working grid, 256 high and wide.

    Attributes:
        edge: What an outline earns for passing from dark to bright on a ray, in cells voted for.
        step: How many of 72 radii the outline may rise or fall between two of 128 rays.
        closing: Rays over which dents are closed: ribs and vessels that cross the border of the lung.
        margin: Pixels added all round: of a smoothed border the dark side alone votes for lung.
        least: Smallest area of a lung in pixels; what is smaller is none.
    """

    edge: float = 10.0
    step: int = 3
    closing: int = 9
    margin: float = 2.0
    least: int = 400


def lung_seeds(
    votes: torch.Tensor, *, per_side: int = 3, distance: tuple[int, int] = (40, 25), border: int = 35
) -> tuple[list[Point], list[Point]]:
    """Where the lungs may be: the highest peaks of the smoothed votes in either half of the image.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung; larger than `border` on each side of the middle.
        per_side: How many peaks a half.
        distance: (rows, columns) within which a lower peak is the same peak.
        border: The middle of a lung is at least this many pixels from the image's edge.

    Returns:
        The points (row, column) of the image's left half and of its right half, highest first.
    """
    smooth = ndimage.gaussian_filter(votes[0].numpy().astype(np.float64), (20.0, 12.0))
    smooth[:border] = smooth[-border:] = -np.inf
    smooth[:, :border] = smooth[:, -border:] = -np.inf
    middle = smooth.shape[1] // 2
    left = _peaks(smooth[:, :middle], per_side, distance)
    right = _peaks(smooth[:, middle:], per_side, distance)
    return left, [(row, column + middle) for row, column in right]


def _peaks(height: Array, count: int, distance: tuple[int, int]) -> list[Point]:
    rest = height.copy()
    peaks: list[Point] = []
    while len(peaks) < count and rest.max() > -np.inf:
        row, column = np.unravel_index(int(rest.argmax()), rest.shape)
        peaks.append((float(row), float(column)))
        rows = slice(max(0, row - distance[0]), row + distance[0] + 1)
        rest[rows, max(0, column - distance[1]) : column + distance[1] + 1] = -np.inf
    return peaks


def grow_lung(
    votes: torch.Tensor, brightness: torch.Tensor, seeds: list[Point], shape: LungShape
) -> torch.Tensor:
    """The star-shaped region round one of the seeds that earns most.

    A region earns the votes within its outline, and the rise of brightness across it. So ribs, vessels and
    clavicles are outvoted by the lung that surrounds them, and leaks through the chest wall do not pay.
    Each seed is moved to the centre of its region once, and the region grown again.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung; beyond the image all votes are -1.
        brightness: (1, H, W), brighter is denser, in units of the local spread.
        seeds: (row, column) each.
        shape: The rules.

    Returns:
        (1, H, W) float32 of zeros and ones; empty where no region earns anything or is large enough.
    """
    lung = np.zeros(votes.shape[1:], dtype=bool)
    if seeds:
        planes = (votes[0].numpy().astype(np.float64), brightness[0].numpy().astype(np.float64))
        outlines, _ = _best_outlines(planes, seeds, shape)
        centres = [
            _centre(GRID.fill(outline, *seed, shape=lung.shape), seed)
            for outline, seed in zip(outlines, seeds, strict=True)
        ]
        outlines, earned = _best_outlines(planes, centres, shape)
        best = int(earned.argmax())
        outline, centre = outlines[best], centres[best]
        if earned[best] > 0 and GRID.fill(outline, *centre, shape=lung.shape).sum() >= shape.least:
            lung = GRID.fill(smooth_outline(outline, shape), *centre, shape=lung.shape)
    return torch.from_numpy(lung).float()[None]


def _best_outlines(planes: tuple[Array, Array], points: list[Point], shape: LungShape) -> tuple[Array, Array]:
    votes, brightness = planes
    inside = inside_sums(np.stack([GRID.sample(votes, *point, beyond=-1.0) for point in points]))
    rise = outward_rise(np.stack([GRID.sample(brightness, *point, beyond=None) for point in points]))
    # tanh: a rise of one local spread is an edge, and a metal implant's is not worth more
    return best_outlines(inside + shape.edge * np.tanh(4 / 3 * rise), step=shape.step)


def _centre(region: npt.NDArray[np.bool_], otherwise: Point) -> Point:
    if not region.any():
        return otherwise
    row, column = ndimage.center_of_mass(region)
    return float(row), float(column)


def smooth_outline(outline: Array, shape: LungShape) -> Array:
    """(angles,) radii -> the same with dents of up to `closing` rays filled, and `margin` pixels outwards."""
    closed: Array = ndimage.grey_closing(outline, size=shape.closing, mode="wrap")
    return closed + shape.margin / GRID.cell_lengths()
