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
    margin: float = 2.5
    least: int = 400


def midline(votes: torch.Tensor, *, near: int = 15, far: int = 60, smoothing: float = 5.0) -> int:
    """The column between the lungs: few votes on it, many on both sides of it.

    Of the columns in the middle half of the image the one where the votes `near` to `far` pixels away, on
    average of both sides, most exceed the votes on it; in the rows from 20 % to 70 % of the height, above
    most of the abdomen.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung, wider than twice `far`.
        near: Pixels.
        far: Pixels.
        smoothing: Standard deviation of the Gaussian over columns, in pixels.
    """
    height, width = votes.shape[1:]
    rows = votes[0, height // 5 : 7 * height // 10].numpy()
    profile = ndimage.gaussian_filter1d(rows.mean(axis=0, dtype=np.float64), smoothing)
    columns = range(width // 4, width - width // 4)
    sides = [
        np.mean([profile[max(0, at - far) : at - near].mean(), profile[at + near : at + far].mean()])
        for at in columns
    ]
    return columns[int(np.argmax(np.array(sides) - profile[columns.start : columns.stop]))]


def lung_seeds(
    votes: torch.Tensor, *, count: int = 3, distance: tuple[int, int] = (40, 25), border: int = 35
) -> list[Point]:
    """Where a lung may be: the highest peaks of the smoothed votes.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung; larger than twice `border`.
        count: How many peaks at most.
        distance: (rows, columns) within which a lower peak is the same peak.
        border: The middle of a lung is at least this many pixels from the image's edge.

    Returns:
        The points (row, column), highest first.
    """
    smooth = ndimage.gaussian_filter(votes[0].numpy().astype(np.float64), (20.0, 12.0))
    smooth[:border] = smooth[-border:] = -np.inf
    smooth[:, :border] = smooth[:, -border:] = -np.inf
    return _peaks(smooth, count, distance)


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


def grow_lungs(
    votes: torch.Tensor, brightness: torch.Tensor, shape: LungShape
) -> tuple[torch.Tensor, torch.Tensor]:
    """The lungs on the image's left and right of the `midline`, which neither of them crosses.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung.
        brightness: (1, H, W), brighter is denser, in units of the local spread.
        shape: The rules.

    Returns:
        Two masks, (1, H, W) float32 of zeros and ones, each of which may be empty.
    """
    middle = midline(votes)
    left, right = votes.clone(), votes.clone()
    left[..., middle:] = right[..., : middle + 1] = -1
    return (
        grow_lung(left, brightness, lung_seeds(left), shape),
        grow_lung(right, brightness, lung_seeds(right), shape),
    )
