"""Tubes as point masses: solid ones for vessels and airways, hollow ones for bones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.frame import Array
from cxrtk.data.phantom.splat import Mass

Points = npt.NDArray[np.float64]

_GOLDEN = 0.6180339887  # (sqrt(5) - 1) / 2


def _equal_steps(points: Points, step_mm: float) -> Points:
    """Resample the (N, D) points of a line (x, y, z first) to equal steps of about `step_mm`."""
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1))])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / step_mm) + 1))
    return np.stack([np.interp(at, along, column) for column in points.T], axis=1)


def smooth(knots: Points, count: int) -> Points:
    """Interpolate (N, D) knots by a Catmull-Rom spline at (count, D) points."""
    at = np.linspace(0, len(knots) - 1, count)
    first, last = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
    padded = np.concatenate([first[None], knots, last[None]])
    index = np.minimum(at.astype(int), len(knots) - 2)
    t = (at - index)[:, None]
    a, b, c, d = (padded[index + k] for k in range(4))
    return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))


def _staggered(count: int) -> Array:
    """Return (count, 1) low-discrepancy offsets in [0, 1): rows of points shifted by them show no moire."""
    return ((np.arange(count) * _GOLDEN) % 1.0)[:, None].astype(np.float32)


def _faded(length: Array, fade_mm: float) -> Array:
    """Return the (N, 1) lengths of the segments of a line, tapered towards 0 near its ends."""
    along = np.cumsum(length, axis=0)
    share: Array = np.clip(np.minimum(along, along[-1] - along) / np.float32(fade_mm), 0, 1)
    return share * length


def solid(path: Points, step_mm: float) -> Mass:
    """Create a solid round tube in the image plane, smooth through the points of its path.

    Points across the tube are one step apart, weighted by the chord of a circle.

    Args:
        path: (N, 3) x, y and radius along the axis, in mm.
        step_mm: Point spacing.

    Returns:
        Point masses for `splat`.
    """
    flat = np.insert(smooth(path, 8 * len(path)), 2, 0, axis=1)
    line = _equal_steps(flat, step_mm).astype(np.float32)
    axis, radius = line[:, :2], line[:, 3:]
    tangent = np.gradient(axis, axis=0)
    length = np.linalg.norm(tangent, axis=1, keepdims=True) + np.float32(1e-6)
    layers = max(5, int(2 * radius.max() / step_mm))
    across = (np.arange(layers, dtype=np.float32) + _staggered(len(line))) * np.float32(2 / layers) - 1
    share = np.sqrt(1 - across * across)
    share /= share.sum(axis=1, keepdims=True)
    x = axis[:, :1] - tangent[:, 1:] / length * radius * across
    y = axis[:, 1:] + tangent[:, :1] / length * radius * across
    volume = np.float32(np.pi) * radius * radius * _faded(length, 5.0) * share
    return x.ravel(), y.ravel(), volume.ravel()


def bone(
    path: Points, normal: Points, cortex_mm: float, spongy: float, step_mm: float, fade_mm: float
) -> Mass:
    """Create a bone: a tube of elliptical section with rounded ends, a cortex and a spongy interior.

    Args:
        path: (N, 5) x, y, z and the half axes along and across `normal`, in mm.
        normal: (N, 3) unit vectors, roughly perpendicular to the path.
        cortex_mm: Thickness of the cortex.
        spongy: Fraction of cortical bone in the interior; the rest is marrow.
        step_mm: Point spacing.
        fade_mm: Distance from its ends over which it tapers off.

    Returns:
        Point masses for `splat`, with the volume of cortical bone.
    """
    line = _equal_steps(np.concatenate([path, normal], axis=1), step_mm).astype(np.float32)
    axis, thin, tall, out = line[:, :3], line[:, 3:4], line[:, 4:5], line[:, 5:]
    tangent = np.gradient(axis, axis=0)
    length = np.linalg.norm(tangent, axis=1, keepdims=True) + np.float32(1e-6)
    tangent /= length
    out = out - (out * tangent).sum(axis=1, keepdims=True) * tangent
    out /= np.linalg.norm(out, axis=1, keepdims=True) + np.float32(1e-6)
    side = np.cross(tangent, out)
    along = np.cumsum(length, axis=0)
    end = np.clip(np.minimum(along, along[-1] - along) / np.maximum(tall, 1), 0, 1)
    cap = np.sqrt(1 - (1 - end) ** 2) + np.float32(1e-3)
    thin, tall, length = thin * cap, tall * cap, _faded(length, fade_mm)

    # On the widest section the points of the cortex are one step apart.
    around = int(np.clip(2.8 * (thin.max() + tall.max()) / step_mm, 18, 220))
    shell = (np.arange(around, dtype=np.float32) + _staggered(len(line))) * np.float32(2 * np.pi / around)
    cortex = np.hypot(thin * np.sin(shell), tall * np.cos(shell)) * np.float32(2 * np.pi / around * cortex_mm)
    # The interior is filled evenly by a sunflower spiral; wider sections get more points.
    count = max(9, around * around // 50)
    seeds = np.arange(count, dtype=np.float32)
    turned = np.random.default_rng(0).random((len(line), 1), dtype=np.float32)  # regular turns draw helices
    spiral = np.float32(2 * np.pi) * (seeds * np.float32(_GOLDEN) + turned)
    far = 0.93 * np.sqrt((seeds + np.float32(0.5)) / count)
    inside = np.broadcast_to(thin * tall * np.float32(np.pi * spongy / count), spiral.shape)

    cos = np.concatenate([np.cos(shell), far * np.cos(spiral)], axis=1) * thin
    sin = np.concatenate([np.sin(shell), far * np.sin(spiral)], axis=1) * tall
    volume = np.concatenate([cortex, inside], axis=1) * length
    x = axis[:, 0:1] + out[:, 0:1] * cos + side[:, 0:1] * sin
    y = axis[:, 1:2] + out[:, 1:2] * cos + side[:, 1:2] * sin
    return x.ravel(), y.ravel(), volume.ravel()
