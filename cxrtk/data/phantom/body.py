"""Soft tissue: trunk, neck, shoulders, arms and breasts, with subcutaneous fat."""

from __future__ import annotations

import numpy as np

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Curve, Frame, chord

Point = tuple[float, float]


def arm_axis(build: Build, pose: Pose, chest: Chest) -> tuple[Point, Point]:
    """Return (x, y) of the left shoulder joint and elbow; the right arm is the mirror image."""
    half = float(chest.lateral(chest.height))
    shoulder = (half + 30 + 0.3 * build.fat, 16.0 + 22 * build.slope - pose.shoulders)
    reach = 290.0
    return shoulder, (
        shoulder[0] + reach * float(np.sin(pose.arms)) + 0.5 * build.fat,
        shoulder[1] + reach * float(np.cos(pose.arms)),
    )


def _capsule(x: Array, y: Array, start: Point, end: Point, radii: Point) -> Array:
    """Return the depth of a tapering limb of circular section from `start` to `end`."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(
        ((x - start[0]) * np.float32(dx) + (y - start[1]) * np.float32(dy)) / (dx * dx + dy * dy), 0, 1
    )
    off_x, off_y = x - start[0] - np.float32(dx) * along, y - start[1] - np.float32(dy) * along
    radius = radii[0] + np.float32(radii[1] - radii[0]) * along
    return 2 * np.sqrt(np.maximum(radius * radius - off_x * off_x - off_y * off_y, 0))


def body_depth(build: Build, pose: Pose, chest: Chest, frame: Frame, skin: float) -> Array:
    """Return the (H, W) depth in mm of the body below a layer of `skin` mm, which is excluded."""
    x, y = frame.grid
    beside = np.abs(x)
    half, height = float(chest.lateral(chest.height)), chest.height
    wall = build.muscle + 7 + build.fat - skin
    girth = Curve(
        np.array([-0.35, -0.1, 0.02, 0.12, 0.25, 0.45, 0.75, 1.0, 1.25]) * height,
        np.array([0.3, 0.5, 0.78, 0.98, 1.04, 1.0, 0.985, 0.96, 0.90 + 0.003 * build.fat]) * half + wall,
        smooth_mm=8,
    )
    thick = Curve(
        np.array([-0.35, -0.1, 0.05, 0.2, 0.5, 0.8, 1.1]) * height,
        np.array([0.35, 0.55, 0.78, 0.92, 1.0, 1.04, 1.0 + 0.006 * build.fat]) * chest.depth
        + 2 * (0.7 * build.muscle + 0.7 * build.fat - 0.7 * skin),
        smooth_mm=8,
    )
    trunk = thick(y) * chord(np.clip(beside / girth(y), 0, 1), 4)
    neck_half = 52 + 0.35 * build.fat - skin
    neck = 2.1 * neck_half * chord(np.clip(beside / neck_half, 0, 1)) * (y < 30)
    shoulder, elbow = arm_axis(build, pose, chest)
    high = 1 - 0.006 * build.fat
    slope = _capsule(
        beside,
        y,
        (28, -62 * high),
        (shoulder[0] - 20, shoulder[1] - 2),
        (54 + 0.2 * build.fat - skin, 56 + 0.2 * build.fat - skin),
    )
    arm = _capsule(beside, y, shoulder, elbow, (56 + 0.4 * build.fat - skin, 44 + 0.5 * build.fat - skin))
    total = np.zeros_like(x)
    for part in (trunk, neck, slope, arm):  # a soft maximum, so that the parts blend smoothly
        square = part * part
        total += square * square
    return np.sqrt(np.sqrt(total))


def _pectoral(build: Build, half: float, height: float, x: Array, y: Array) -> Array:
    """Return the (H, W) depth in mm of the muscle in front of the upper ribs."""
    aside = np.abs(x) - np.float32(0.62 * half)
    off_x = aside * np.float32(1 / (0.48 * half))
    off_y = (y - np.float32(0.30 * height) + np.float32(0.35) * aside) * np.float32(1 / (0.22 * height))
    depth: Array = np.float32(0.5 * build.muscle) * np.clip(1 - off_x * off_x - off_y * off_y, 0, 1)
    return depth


def breast_depth(build: Build, chest: Chest, frame: Frame) -> Array:
    """Return the (H, W) depth in mm added by the breasts (in men: the pectoral muscles)."""
    x, y = frame.grid
    half, height = float(chest.lateral(chest.height)), chest.height
    if not build.breast:
        return _pectoral(build, half, height, x, y)
    total = np.zeros_like(x)
    for side in (-1, 1):
        at_x = side * (0.60 * half + 0.15 * build.fat) + 60 * np.sin(chest.turn)
        at_y = (0.62 + 0.0025 * build.fat + 0.02 * side * build.waviness[1]) * height
        aside = (x - np.float32(at_x)) * np.float32(1 / build.breast)
        below = (y - np.float32(at_y)) * np.float32(1 / (0.98 * build.breast))
        below *= np.where(below < 0, np.float32(0.62), np.float32(1))  # sagging: sharp below, fading above
        total += build.breast_depth * chord(np.sqrt(aside * aside + below * below)) ** np.float32(1.3)
    return total
