"""Polygons -> masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MOST_POINTS = 100_000  # per picture
MOST_DRAWN = 100_000_000  # pixels of the boxes around all polygons, and of all run-length encoded masks
MOST_CROSSINGS = 4_000_000  # of edges and rows; they determine the cost of filling
FARTHEST = 1e6  # pixels


def fill(
    polygons: Sequence[npt.ArrayLike], size: tuple[int, int], *, centred: bool = False
) -> npt.NDArray[np.uint8]:
    """Fill polygons: (H, W) uint8, 1 where a pixel's centre lies in any of them.

    Args:
        polygons: Points x, y of each polygon in pixels, (N, 2) with N >= 3; the last point is joined to the
            first. Parts outside the picture are cut off.
        size: (H, W) of the picture.
        centred: True if (0, 0) is the centre of the first pixel; otherwise it is the pixel's upper left
            corner, as in COCO, CVAT, LabelMe and V7.

    Raises:
        ValueError: The same cases as in `Filling.draw`.

    >>> fill([[(1, 1), (3, 1), (3, 3), (1, 3)]], (4, 4)).tolist()
    [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    """
    inside = np.zeros(size, np.uint8)
    Filling().draw(inside, polygons, centred=centred)
    return inside


class Filling:
    """Rasteriser of the polygons of one picture, which counts their total cost."""

    def __init__(self) -> None:
        self._points = self._crossings = self._pixels = 0

    def draw(
        self,
        target: npt.NDArray[np.uint8],
        polygons: Sequence[npt.ArrayLike],
        *,
        alternate: bool = False,
        centred: bool = False,
    ) -> None:
        """Set the pixels of `target` with centres inside the polygons to 1; see `fill`.

        Args:
            target: Mask, (H, W), which is modified in place.
            polygons: Points of each polygon, (N, 2).
            alternate: True if a pixel in two of these polygons is outside, as in a hole.
            centred: True if (0, 0) is the centre of the first pixel.

        Raises:
            ValueError: A polygon is not such an array, has fewer than 3 points, or has a point that is not
                finite or more than a million pixels away, or the polygons of the picture cost more than
                outlines do; the message is a phrase.
        """
        shift = 0.5 if centred else 0.0
        each = [_points(polygon, number) + shift for number, polygon in enumerate(polygons, start=1)]
        if not each:
            return
        self._points += sum(map(len, each))
        if self._points > MOST_POINTS:
            raise ValueError(f"has more than {MOST_POINTS} points")
        every = np.concatenate(each)
        low, high = np.floor(every.min(axis=0)), np.ceil(every.max(axis=0))
        height, width = target.shape
        left, right = (int(min(max(edge, 0), width)) for edge in (low[0], high[0]))
        top, bottom = (int(min(max(edge, 0), height)) for edge in (low[1], high[1]))
        size = bottom - top, right - left
        self.count(len(each) * size[0] * size[1])
        inside = np.zeros(size, np.uint8)
        for points in each:
            edges = _edges(points - [left, top], size[0])
            self._crossings += int(edges.last.sum() - edges.first.sum())
            if self._crossings > MOST_CROSSINGS:
                raise ValueError("crosses the rows of the picture more often than an outline does")
            combine = np.bitwise_xor if alternate else np.bitwise_or
            combine(inside, _filled(edges, size), out=inside)
        part = target[top:bottom, left:right]
        np.maximum(part, inside, out=part)

    def count(self, pixels: int) -> None:
        """Count pixels that are drawn.

        Raises:
            ValueError: They are more than annotations of a picture cover.
        """
        self._pixels += pixels
        if self._pixels > MOST_DRAWN:
            raise ValueError(f"covers more than {MOST_DRAWN} pixels, counted each time they are drawn")


def _points(polygon: npt.ArrayLike, number: int) -> npt.NDArray[np.float64]:
    try:
        points = np.asarray(polygon, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"polygon {number} is not a list of numbers") from error
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ValueError(f"polygon {number} is not three or more points x, y")
    if not (np.abs(points) < FARTHEST).all():  # written so that NaN fails too
        raise ValueError(f"polygon {number} has a point that is not finite or far outside the picture")
    return points


class _Edges(NamedTuple):
    """Edges that cross row centre lines: first row, row after the last, x at the first row, x per row."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    at_first: npt.NDArray[np.float64]
    slope: npt.NDArray[np.float64]


def _edges(points: npt.NDArray[np.float64], height: int) -> _Edges:
    start, end = points, np.roll(points, -1, axis=0)
    down = start[:, 1] <= end[:, 1]
    (x1, y1), (x2, y2) = np.where(down[:, None], start, end).T, np.where(down[:, None], end, start).T
    # Row r is crossed where y1 <= r + 0.5 < y2, so that a corner on a centre line counts once.
    first = np.clip(np.ceil(y1 - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.ceil(y2 - 0.5), 0, height).astype(np.int64)
    crossing = last > first
    x1, y1, x2, y2, first, last = (values[crossing] for values in (x1, y1, x2, y2, first, last))
    slope = (x2 - x1) / (y2 - y1)
    return _Edges(first, last, x1 + (first + 0.5 - y1) * slope, slope)


def _filled(edges: _Edges, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Fill by the even-odd rule: each crossing inverts all pixels with centres to its right."""
    height, width = size
    counts = edges.last - edges.first
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = np.repeat(edges.first, counts) + step
    x = np.repeat(edges.at_first, counts) + step * np.repeat(edges.slope, counts)
    columns = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    turns = np.zeros((height, width + 1), np.uint8)
    np.add.at(turns, (rows, columns), 1)  # modulo 256, which keeps odd and even
    return np.bitwise_and(np.cumsum(turns[:, :width], axis=1, dtype=np.uint8), 1)
