"""Two lung regions from per-pixel votes."""

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
    """Shape constraints of a lung; lengths in pixels of the working grid, 256 x 256.

    Attributes:
        edge: Reward of an outline for passing from dark to bright on a ray, in units of cell votes.
        step: Maximum radial change of the outline, of 72 radii, between two of 128 rays.
        closing: Number of rays over which dents (crossing ribs and vessels) are closed.
        margin: Dilation in pixels: only the dark side of a smoothed border votes for lung.
        least: Minimum area of a lung in pixels; smaller regions are discarded.
    """

    edge: float = 10.0
    step: int = 3
    closing: int = 9
    margin: float = 2.5
    least: int = 400


def midline(votes: torch.Tensor, *, near: int = 15, far: int = 60, smoothing: float = 5.0) -> int:
    """Find the column between the lungs, with few votes on it and many on both sides.

    Among the columns in the middle half of the image, select the one where the mean votes `near` to `far`
    pixels away on both sides exceed the votes on it most; computed in the rows from 20 % to 70 % of the
    height, above most of the abdomen.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung, wider than twice `far`.
        near: Inner distance of the side bands in pixels.
        far: Outer distance of the side bands in pixels.
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
    """Find seed points of the lungs: the highest peaks of the smoothed votes.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung; larger than twice `border`.
        count: Maximum number of peaks.
        distance: (rows, columns) within which a lower peak is suppressed.
        border: Minimum distance of a seed from the image edge, in pixels.

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
    """Grow the star-shaped region around one of the seeds with the highest score.

    The score is the sum of the votes inside the outline, plus the rise of brightness across it. Ribs, vessels
    and clavicles are thus outvoted by the surrounding lung, and leaks through the chest wall are penalised.
    Each seed is moved to the centroid of its region once, and the region grown again.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung; outside the image all votes are -1.
        brightness: (1, H, W), brighter is denser, in units of the local spread.
        seeds: (row, column) of each seed.
        shape: Shape constraints.

    Returns:
        (1, H, W) float32 of zeros and ones; empty where no region scores above 0 or is large enough.
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
    # tanh: a rise of one local spread is a full edge, so that a metal implant gains nothing more
    return best_outlines(inside + shape.edge * np.tanh(4 / 3 * rise), step=shape.step)


def _centre(region: npt.NDArray[np.bool_], otherwise: Point) -> Point:
    if not region.any():
        return otherwise
    row, column = ndimage.center_of_mass(region)
    return float(row), float(column)


def smooth_outline(outline: Array, shape: LungShape) -> Array:
    """Fill dents of up to `closing` rays in (angles,) radii, and add a margin of `margin` pixels."""
    closed: Array = ndimage.grey_closing(outline, size=shape.closing, mode="wrap")
    return closed + shape.margin / GRID.cell_lengths()


def grow_lungs(
    votes: torch.Tensor, brightness: torch.Tensor, shape: LungShape
) -> tuple[torch.Tensor, torch.Tensor]:
    """Grow the lungs on the image's left and right of the `midline`, which neither of them crosses.

    Args:
        votes: (1, H, W) in [-1, 1], positive for lung.
        brightness: (1, H, W), brighter is denser, in units of the local spread.
        shape: Shape constraints.

    Returns:
        Two masks, (1, H, W) float32 of zeros and ones; each may be empty.
    """
    middle = midline(votes)
    left, right = votes.clone(), votes.clone()
    left[..., middle:] = right[..., : middle + 1] = -1
    return (
        grow_lung(left, brightness, lung_seeds(left), shape),
        grow_lung(right, brightness, lung_seeds(right), shape),
    )
