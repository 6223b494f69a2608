"""The shoulder girdle: clavicles, scapulae and upper arms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.body import arm_axis
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.tubes import smooth

Points = npt.NDArray[np.float64]


def _straight(points: list[tuple[float, ...]], side: int, turn: float) -> tuple[Points, Points]:
    """Return a smooth path through left-side (x, y, z, thin, tall), and a normal towards the viewer."""
    knots = np.array(points, dtype=np.float64)
    path = smooth(knots, 40)
    path[:, 0] = side * path[:, 0] + np.sin(turn) * path[:, 2]
    return path, np.tile([0.0, 0.0, 1.0], (len(path), 1))


def _blade(build: Build, pose: Pose, chest: Chest) -> list[tuple[float, float]]:
    """Return (x, y) of the left shoulder blade: its neck, lower angle and upper inner angle."""
    (x, y), _ = arm_axis(build, pose, chest)
    swing = 40 * float(np.sin(pose.arms))  # raised arms turn the blade outwards
    return [(x - 24, y + 10), (x - 44 + swing, 0.50 * build.height + 0.3 * y), (x - 86 + swing, y + 18)]


def girdle_paths(
    build: Build, pose: Pose, chest: Chest, side: int
) -> list[tuple[Points, Points, float, float]]:
    """Return clavicle, scapula and humerus of one side: axis, normal, cortex and fade in mm."""
    (sx, sy), (ex, ey) = arm_axis(build, pose, chest)
    front = 0.42 * chest.depth
    tip_y = sy - 26  # tip of the acromion
    inner_y = 0.155 * build.height + 4 * build.waviness[2] - 0.3 * pose.shoulders
    clavicle: list[tuple[float, ...]] = [
        (13, inner_y, front, 7.5, 9.5),
        (28, inner_y - 3, front, 6.0, 7.0),
        (66, 0.80 * inner_y + 0.20 * tip_y, front, 5.0, 5.6),
        (0.5 * sx + 40, 0.28 * inner_y + 0.72 * tip_y - 6, 0.5 * front, 5.0, 5.8),
        (sx - 12, tip_y + 1, 0.0, 4.5, 7.5),
    ]
    neck, low, inner = _blade(build, pose, chest)
    back = -0.45 * chest.depth
    outer: list[tuple[float, ...]] = [
        (sx - 20, sy - 4, back, 5, 9),
        (*neck, back, 5, 6.5),
        (0.55 * neck[0] + 0.45 * low[0] + 3, 0.55 * neck[1] + 0.45 * low[1], back, 3.2, 4.2),
        (*low, back, 2.5, 4.5),
    ]
    medial: list[tuple[float, ...]] = [
        (*low, back, 2.5, 4.0),
        (0.5 * (low[0] + inner[0]) - 5, 0.5 * (low[1] + inner[1]), back, 1.6, 1.6),
        (*inner, back, 1.6, 1.8),
        (inner[0] + 18, sy - 14, back, 1.6, 2.2),
    ]
    spine: list[tuple[float, ...]] = [
        (inner[0] + 2, sy + 20, back, 2.2, 3.0),
        (sx - 50, sy - 2, back, 3.2, 5.0),
        (sx - 18, sy - 22, back, 4.0, 7.0),
        (sx + 4, sy - 24, back, 4.0, 8.0),
    ]
    coracoid: list[tuple[float, ...]] = [
        (sx - 30, sy - 2, 0, 6, 6),
        (sx - 36, sy - 12, 0, 6, 7),
        (sx - 26, sy - 13, 10, 4, 5),
    ]
    humerus: list[tuple[float, ...]] = [
        (sx + share * (ex - sx), sy + share * (ey - sy), 0.0, radius, radius)
        for share, radius in (
            (-0.09, 14),
            (-0.04, 21),
            (0.03, 22.5),
            (0.1, 17),
            (0.18, 12.5),
            (0.4, 10.5),
            (1, 10.5),
        )
    ]
    shapes = (
        (clavicle, 1.5, 6.0),
        (outer, 1.3, 26.0),
        (medial, 0.9, 20.0),
        (spine, 1.0, 20.0),
        (coracoid, 0.8, 4.0),
        (humerus, 1.1, 2.0),
    )
    return [(*_straight(points, side, chest.turn), cortex, fade) for points, cortex, fade in shapes]


def scapula_plate(build: Build, pose: Pose, frame: Frame, chest: Chest) -> Array:
    """Return the (H, W) coverage in [0, 1] of the thin blades between their borders, on both sides."""
    x, y = frame.grid
    corners = _blade(build, pose, chest)
    beside = np.abs(x)
    cover = np.ones_like(x)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = float(np.hypot(bx - ax, by - ay))
        inside = ((bx - ax) * (y - np.float32(ay)) - (by - ay) * (beside - np.float32(ax))) / np.float32(
            length
        )
        cover *= np.clip(inside * np.float32(0.25) + 0.5, 0, 1)
    return cover
