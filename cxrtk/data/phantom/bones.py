"""How many cm of bone a ray crosses: spine, ribs, clavicles, scapulae, arms."""

from __future__ import annotations

import numpy as np

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.frame import Field, Frame
from cxrtk.data.phantom.organs import chest_wall

RIBS = 10


def bone_cm(build: Build, pose: Pose, frame: Frame) -> Field:
    """(H, W) cm of bone."""
    height = build.lung_height * pose.inspiration
    bone = _spine(frame, pose)
    for side in (-1, 1):
        out = side * frame.x
        for index in range(RIBS):
            _add_rib(bone, build, pose, frame, out, side, index, height)
        bone += _clavicle(frame, out, side, pose)
        bone += _shoulder(frame, out, build, pose)
    return bone


def tube_cm(distance: Field, radius: float, wall: float) -> Field:
    """cm of bone across a hollow cylinder, given the distance from its axis in mm.

    The shell is cortical bone; a fifth of what it encloses counts as bone (trabeculae).
    """
    outer = np.sqrt(np.clip(radius**2 - distance**2, 0.0, None))
    inner = np.sqrt(np.clip((radius - wall) ** 2 - distance**2, 0.0, None))
    chord: Field = 2.0 * (outer - 0.8 * inner) / 10.0
    return chord


def _spine(frame: Frame, pose: Pose) -> Field:
    """Vertebrae 23 mm apart with discs between them, pedicles and spinous processes."""
    x = frame.x - 60.0 * pose.turn
    phase = np.mod(frame.y + 4.0, 23.0) - 11.5  # mm from the middle of a vertebra
    waist = 15.5 + 2.5 * (phase / 11.5) ** 2
    body = np.sqrt(np.clip(1.0 - (x / waist) ** 2, 0.0, 1.0)) * (np.abs(phase) < 9.6)
    plate = (np.abs(np.abs(phase) - 9.0) < 0.9) * (np.abs(x) < waist)
    pedicle = (((np.abs(x) - 11.0) / 3.2) ** 2 + ((phase + 3.0) / 4.4) ** 2) < 1.0
    process = ((x / 2.2) ** 2 + ((phase - 4.0) / 6.0) ** 2) < 1.0
    spine: Field = 0.62 * body + 0.14 * plate + 0.30 * pedicle + 0.26 * process
    return spine.astype(np.float32)


def _add_rib(
    bone: Field, build: Build, pose: Pose, frame: Frame, out: Field, side: int, index: int, height: float
) -> None:
    """Add one rib to `bone` in place: the posterior arc, nearly level, and the anterior one, steep."""
    start = (-0.02 + 0.104 * index) * height  # y at the spine
    rows = _rows(frame, start - 40.0, start + 0.62 * build.chest + 55.0)
    out, y = out[rows], frame.y[rows]
    level = np.asarray([(start + 25.0) / height], dtype=np.float32)
    reach = float(chest_wall(build, level)[0]) * (1.0 + side * pose.turn) + 4.0
    share = np.clip(out / reach, 0.0, 1.0)
    bend = 1.0 - np.sqrt(np.clip(1.0 - share**2, 0.0, 1.0))  # 0 at the spine, 1 at the wall
    fall = build.rib_slope * reach
    slope_back = fall * (0.4 + 0.6 * share / np.sqrt(np.clip(1.0 - share**2, 0.03, 1.0))) / reach * 1.6
    back = start - 7.0 * np.sin(np.pi * np.clip(share * 1.6, 0.0, 1.0)) + fall * (0.4 * share + 0.96 * bend)
    inside = np.clip((out - 12.0) / 6.0, 0.0, 1.0) * np.clip((reach - out) / 9.0, 0.0, 1.0)
    radius = 5.6 - 0.12 * abs(index - 5)
    bone[rows] += inside * tube_cm((y - back) / np.sqrt(1.0 + slope_back**2), radius, 1.5)
    if index < RIBS - 2:
        # The anterior arc starts where the posterior one ends and turns back towards the sternum.
        end = start + 1.36 * fall
        slope_front = 0.42 + 0.25 * build.rib_slope
        front = end + slope_front * (reach - out) * (0.75 + 0.25 * share) - 10.0 * bend + 4.0
        ends = 0.42 * reach + 1.6 * index  # cartilage from here on: no shadow
        inside = np.clip((out - ends) / 12.0, 0.0, 1.0) * np.clip((reach - out) / 9.0, 0.0, 1.0)
        bone[rows] += 0.75 * inside * tube_cm((y - front) / np.sqrt(1.0 + slope_front**2), radius + 0.9, 1.1)


def _clavicle(frame: Frame, out: Field, side: int, pose: Pose) -> Field:
    """A slightly bent bar from the sternum up to the shoulder."""
    along = np.clip((out - 14.0) / 150.0, 0.0, 1.0)
    axis = 36.0 + 90.0 * side * pose.turn - 52.0 * along + 14.0 * np.sin(2.0 * np.pi * along)
    inside = (out > 14.0) & (out < 164.0)
    bar: Field = inside * tube_cm((frame.y - axis) / 1.06, 6.2, 1.8)
    return bar


def _shoulder(frame: Frame, out: Field, build: Build, pose: Pose) -> Field:
    """Scapula (a thin plate with a thick outer border) and the head and shaft of the humerus."""
    edge = build.chest * 0.86 + pose.arms  # inner border of the scapula at its top
    down = np.clip((frame.y - 8.0) / 120.0, 0.0, 1.0)
    inner, outer = edge + 6.0 * down, edge + 62.0 - 50.0 * down
    plate = (frame.y > 8.0) & (frame.y < 128.0) & (out > inner) & (out < outer)
    border = (frame.y > 8.0) & (frame.y < 128.0) & (np.abs(out - outer) < 4.0)
    centre = build.chest + 48.0 + pose.arms
    head = np.hypot(out - centre, frame.y - 14.0)
    shaft = np.where(frame.y > 14.0, np.abs(out - centre - 0.18 * (frame.y - 14.0) - 6.0), 99.0)
    arms: Field = 0.16 * plate + 0.3 * border + tube_cm(head, 22.0, 2.0) * 0.45 + tube_cm(shaft, 11.5, 4.0)
    return arms


def _rows(frame: Frame, top: float, bottom: float) -> slice:
    """The pixel rows in which y may lie between `top` and `bottom`."""
    touched = np.flatnonzero((frame.y.max(axis=1) >= top) & (frame.y.min(axis=1) <= bottom))
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 0)
