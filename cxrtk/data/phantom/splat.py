"""Tubes drawn by their mass: points laid over a swept ellipse, each dropped onto the pixels around it.

Summing mass gives line integrals without any ray: where a rib turns into the beam, or where its cortex is
seen edge-on, points crowd together and the shadow darkens as it does on film.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.frame import Array, Frame


def splat(frame: Frame, x: Array, y: Array, volume: Array) -> Array:
    """Points with a volume -> thickness.

    Args:
        frame: The image.
        x: (N,) positions in mm.
        y: (N,) positions in mm.
        volume: (N,) in mm3.

    Returns:
        (H, W) thickness in cm, shared out bilinearly; what falls beside the image is lost.
    """
    size = frame.size
    row, column = frame.to_pixels(x, y)
    inside = (row > -1) & (row < size) & (column > -1) & (column < size)
    row, column, volume = row[inside], column[inside], volume[inside]
    top, left = np.floor(row).astype(np.int32), np.floor(column).astype(np.int32)
    down, right = row - top, column - left
    width = size + 2  # one pixel of margin on each side, cut off below
    corner = (top + 1) * width + left + 1
    places = np.concatenate([corner, corner + 1, corner + width, corner + width + 1])
    weights = np.concatenate(
        [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]
    ) * np.tile(volume, 4)
    mass = np.bincount(places, weights, minlength=width * width).reshape(width, width)[1:-1, 1:-1]
    return (mass / (frame.pixel_mm**2 * 10)).astype(np.float32)


def resample(points: npt.NDArray[np.floating], step_mm: float) -> npt.NDArray[np.float64]:
    """(N, D) points of a line -> the same line in equal steps of about `step_mm`; the last columns ride along.

    Lengths are taken over the first two columns, x and y, and the third, z, where there is one.
    """
    points = np.asarray(points, dtype=np.float64)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1))])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / step_mm) + 1))
    return np.stack([np.interp(at, along, column) for column in points.T], axis=1)


def solid(path: npt.NDArray[np.floating], step_mm: float, layers: int = 7) -> tuple[Array, Array, Array]:
    """A solid round tube that lies in the plane of the image.

    Args:
        path: (N, 3) x, y and radius along the axis, in mm.
        step_mm: Distance of points along it.
        layers: Points across it; their weights follow the chord of a circle.

    Returns:
        x, y and volume in mm3 of its points, for `splat`.
    """
    flat = np.insert(np.asarray(path, dtype=np.float64), 2, 0, axis=1)
    x, y, _, radius = resample(flat, step_mm).T
    tangent_x, tangent_y = np.gradient(x), np.gradient(y)
    length = np.hypot(tangent_x, tangent_y) + 1e-9
    across = (np.arange(layers) + 0.5) / layers * 2 - 1
    share = np.sqrt(1 - across**2)
    share /= share.sum()
    out_x = x[:, None] - (tangent_y / length * radius)[:, None] * across
    out_y = y[:, None] + (tangent_x / length * radius)[:, None] * across
    volume = (np.pi * radius**2 * length)[:, None] * share
    return (
        out_x.ravel().astype(np.float32),
        out_y.ravel().astype(np.float32),
        volume.ravel().astype(np.float32),
    )


def bone(
    path: npt.NDArray[np.floating],
    normal: npt.NDArray[np.floating],
    cortex_mm: float,
    spongy: float,
    step_mm: float,
    around: int,
) -> tuple[Array, Array, Array]:
    """A bone: a tube of elliptical section, with a cortex and a spongy inside.

    Args:
        path: (N, 5) x, y, z and the half axes along and across `normal`, in mm.
        normal: (N, 3) unit vectors, roughly at right angles to the path.
        cortex_mm: Thickness of the cortex.
        spongy: Share of cortical bone inside, which holds marrow else.
        step_mm: Distance of points along it.
        around: Points round the cortex.

    Returns:
        x, y and volume of cortical bone in mm3 of its points, for `splat`.
    """
    line = resample(np.concatenate([path, normal], axis=1), step_mm)
    axis, thin, tall, out = line[:, :3], line[:, 3, None], line[:, 4, None], line[:, 5:]
    tangent = np.gradient(axis, axis=0)
    length = np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    tangent /= length
    out = out - (out * tangent).sum(1, keepdims=True) * tangent
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    side = np.cross(tangent, out)
    angle = (np.arange(around) + 0.5) * (2 * np.pi / around)
    # Rings: the cortex, then two inside that stand for equal halves of the spongy bone.
    parts = []
    for shrink, share in ((1.0, 0.0), (0.8, 0.5), (0.45, 0.5)):
        cos, sin = np.cos(angle) * shrink, np.sin(angle) * shrink
        x = axis[:, 0, None] + out[:, 0, None] * thin * cos + side[:, 0, None] * tall * sin
        y = axis[:, 1, None] + out[:, 1, None] * thin * cos + side[:, 1, None] * tall * sin
        if share:
            volume = np.broadcast_to(np.pi * thin * tall * length * spongy * share / around, x.shape)
        else:
            arc = np.hypot(thin * np.sin(angle), tall * np.cos(angle)) * (2 * np.pi / around)
            volume = arc * length * cortex_mm
        parts.append((x.ravel(), y.ravel(), volume.ravel()))
    x, y, volume = (np.concatenate(values).astype(np.float32) for values in zip(*parts, strict=True))
    return x, y, volume
