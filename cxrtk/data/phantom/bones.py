"""Ribs, clavicles, scapulae and upper arms, as thickness of cortical bone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.body import arm_axis
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.splat import bone, splat

Points = npt.NDArray[np.float64]
Tube = tuple[Array, Array, Array]

RIBS = 12
# Of each rib: how far it falls from the spine to its front end, in mm, and how far round it goes (degrees).
_FALL = (34, 56, 76, 92, 104, 114, 122, 126, 124, 108, 74, 44)
_ROUND = (128, 138, 142, 143, 143, 140, 136, 130, 122, 112, 84, 62)


def vertebra_y(build: Build, chest: Chest) -> Points:
    """(21,) y in mm of the tops of C5 to L5; T1 is number 3."""
    pitch = np.concatenate([[14.5, 15, 16], np.linspace(18.2, 24.5, 12), np.linspace(28, 33, 5)])
    pitch *= build.height / 272
    tops = np.concatenate([[0], np.cumsum(pitch)])
    return np.asarray(tops - tops[3] - 0.075 * build.height)


def rib_paths(build: Build, chest: Chest, side: int) -> list[tuple[Points, Points]]:
    """Axis (N, 5) and outward normal (N, 3) of the twelve ribs of one side."""
    tops = vertebra_y(build, chest)[3:]
    stretch = chest.height / build.height  # a breath out lowers the ribs' front ends less
    paths = []
    for number in range(RIBS):
        angle = np.radians(np.linspace(9, _ROUND[number], 60))
        fall = _FALL[number] * build.rib_tilt * build.height / 272 * (0.55 + 0.45 * stretch)
        sin, cos = np.sin(angle), np.cos(angle)
        y = tops[number] + 2 + fall * ((1 - cos) / 2) + 0.14 * fall * sin * (1 - sin)
        y -= 5 * np.exp(-(((sin - 0.28) / 0.13) ** 2)) * (cos > 0)
        reach = chest.lateral(np.maximum(y.astype(np.float32), 2.0)) + 4.5
        if number == 0:
            reach = 0.92 * reach
        x = side * np.maximum(reach * sin**0.9, 0) + build.curve * np.sin(tops[number] / 90)
        z = -0.5 * chest.depth * cos
        x = x * np.cos(chest.turn) + z * np.sin(chest.turn)
        thin = np.full_like(y, 3.4)
        tall = 5.9 - 0.9 * sin + 1.2 * np.clip(angle - 1.9, 0, 1) - 0.5 * (number > 9)
        tall *= np.clip((angle - angle[0]) * 6 + 0.6, 0.6, 1)
        normal = np.stack([side * sin, np.zeros_like(sin), -cos], axis=1)
        paths.append((np.stack([x, y, z, thin, tall], axis=1), normal))
    return paths


def _straight(points: list[tuple[float, ...]], side: int, turn: float) -> tuple[Points, Points]:
    """A smooth path through (x, y, z, thin, tall) of the left side, and a normal towards the viewer."""
    knots = np.array(points, dtype=np.float64)
    at = np.linspace(0, len(knots) - 1, 40)
    path = np.stack([_smooth(column, at) for column in knots.T], axis=1)
    path[:, 0] = side * path[:, 0] + np.sin(turn) * path[:, 2]
    return path, np.tile([0.0, 0.0, 1.0], (len(path), 1))


def _smooth(values: Points, at: Points) -> Points:
    """Catmull-Rom spline through `values` at 0, 1, 2 and so on."""
    padded = np.concatenate([[2 * values[0] - values[1]], values, [2 * values[-1] - values[-2]]])
    index = np.minimum(at.astype(int), len(values) - 2)
    t = at - index
    a, b, c, d = (padded[index + k] for k in range(4))
    return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))


def _girdle(build: Build, pose: Pose, chest: Chest, side: int) -> list[tuple[Points, Points, float]]:
    """Clavicle, scapula and humerus of one side: axis, normal, cortex in mm."""
    (sx, sy), (ex, ey) = arm_axis(build, pose, chest)
    front = 0.42 * chest.depth
    tip_y = sy - 26  # of the acromion
    inner_y = 0.155 * build.height + 4 * build.waviness[2] - 0.3 * pose.shoulders
    clavicle: list[tuple[float, ...]] = [
        (13, inner_y, front, 7.5, 9.5),
        (28, inner_y - 3, front, 6.0, 7.0),
        (70, 0.72 * inner_y + 0.28 * tip_y, front, 5.0, 5.6),
        (0.5 * sx + 40, 0.30 * inner_y + 0.70 * tip_y - 3, 0.5 * front, 5.0, 5.8),
        (sx - 12, tip_y + 1, 0.0, 4.5, 7.5),
    ]
    # The shoulder blade: its outer border from the joint to the lower angle, its inner one back up.
    low = (sx - 44 + 120 * np.sin(pose.arms) * 0.35, 0.52 * build.height + 0.3 * sy)
    neck, inner = (sx - 24, sy + 10), (sx - 86 + 40 * np.sin(pose.arms), sy + 22)
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
        (sx - 4, sy - 17, 0, 6, 8),
        (sx - 1, sy - 9, 0, 19, 20),
        (sx + 2, sy + 5, 0, 23, 23.5),
        (sx + 5, sy + 22, 0, 17, 18),
        (sx + 9, sy + 45, 0, 11.5, 12),
        (0.6 * sx + 0.4 * ex, 0.6 * sy + 0.4 * ey, 0, 10, 10.5),
        (ex, ey, 0, 10, 11),
    ]
    shapes = ((clavicle, 1.2), (outer, 1.5), (medial, 1.0), (spine, 1.0), (coracoid, 1.0), (humerus, 1.5))
    return [(*_straight(points, side, chest.turn), cortex) for points, cortex in shapes]


def bone_thickness(build: Build, pose: Pose, chest: Chest, frame: Frame) -> Array:
    """(H, W) thickness of cortical bone in cm, all but the spine."""
    step = 0.8 * frame.pixel_mm
    tubes: list[Tube] = []
    for side in (-1, 1):
        for path, normal in rib_paths(build, chest, side):
            tubes.append(bone(path, normal, 0.75 * build.bone, 0.12 * build.bone, step, around=36))
        for path, normal, cortex in _girdle(build, pose, chest, side):
            around = int(np.clip(path[:, 4].max() * 8, 24, 160))
            tubes.append(bone(path, normal, cortex * build.bone, 0.13 * build.bone, step, around))
    x, y, volume = (np.concatenate(values) for values in zip(*tubes, strict=True))
    return splat(frame, x, y, volume)
