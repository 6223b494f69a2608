"""The outlines of lungs and heart, as a reader of a frontal radiograph would draw them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.frame import Field, Frame

APEX = 0.38  # where a lung is highest, as a share of the half-width of the chest

Mask = npt.NDArray[np.bool_]  # (H, W)


@dataclass(frozen=True)
class Organs:
    """Masks in the image. The lungs end at heart, mediastinum and domes; the fields do not."""

    right_lung: Mask
    left_lung: Mask
    heart: Mask
    fields: tuple[Mask, Mask]  # right and left thoracic half, through the heart and below the domes
    below: Field  # depth below the dome in mm, 0 above it


def chest_wall(build: Build, v: Field) -> Field:
    """Half-width of the rib cage in mm at v = y / lung height: the dome of the apex, then nearly straight."""
    rise = 1.0 - np.clip(1.0 - v / 0.85, 0.0, 1.0) ** 2.2
    narrowing = 1.0 - 0.04 * np.clip(v - 0.85, 0.0, None)
    wall: Field = build.chest * (APEX + (1.0 - APEX) * np.sqrt(np.clip(rise, 0.0, 1.0))) * narrowing
    return wall


def make_organs(build: Build, pose: Pose, frame: Frame) -> Organs:
    """Draw all outlines."""
    height = build.lung_height * pose.inspiration
    v = frame.y / np.float32(height)
    heart = _heart(build, height, frame)
    solid = heart | _great_vessels(build, height, frame)
    halves, lungs, depth = [], [], np.zeros_like(frame.x)
    for side in (-1, 1):  # the patient's right, left
        out = side * frame.x  # mm from the midline
        wall = chest_wall(build, v) * (1.0 + side * pose.turn)
        medial = _mediastinal_border(build, v)
        half = (v > 0.0) & (out > medial) & (out < wall)
        below = np.clip(frame.y - _dome(build, height, side, out, wall), 0.0, None)
        depth = np.where(out > 0, below, depth)
        halves.append(half & (below < 60.0))
        lungs.append(half & (below <= 0.0) & ~solid)
    return Organs(lungs[0], lungs[1], heart & (frame.y < 1.08 * height), (halves[0], halves[1]), depth)


def _mediastinal_border(build: Build, v: Field) -> Field:
    """Distance of the lung's inner border from the midline: a round apex, then the mediastinum."""
    inner = build.mediastinum * (0.74 + 0.3 * np.clip(v, 0.0, 1.0))
    round_top = np.sqrt(np.clip(1.0 - (1.0 - np.clip(v / 0.20, 0.0, 1.0)) ** 2, 0.0, 1.0))
    border: Field = APEX * build.chest - (APEX * build.chest - inner) * round_top
    return border


def _dome(build: Build, height: float, side: int, out: Field, wall: Field) -> Field:
    """y of the diaphragm: highest near the middle of the half, the left one lower, falling to the angles."""
    top = height + (0.0 if side < 0 else 0.055 * height)
    middle = 0.44 * build.chest
    outer = np.clip((out - middle) / np.maximum(wall - middle, 1.0), 0.0, 1.0)
    inner = np.clip((middle - out) / middle, 0.0, 1.0)
    y: Field = top + 0.24 * height * outer**2.4 + 0.05 * height * inner**2
    return y


def _heart(build: Build, height: float, frame: Frame) -> Mask:
    """A tilted ellipse, two thirds of it left of the midline, and the right atrium as a second one."""
    centre_y = 0.85 * height
    x, y = frame.x - 0.27 * build.heart, frame.y - centre_y
    cos, sin = np.cos(build.heart_tilt), np.sin(build.heart_tilt)
    along, across = cos * x + sin * y, cos * y - sin * x
    ventricles = (along / build.heart) ** 2 + (across / (build.heart * build.heart_ratio)) ** 2 < 1.0
    atrium_x, atrium_y = frame.x + 0.10 * build.heart, frame.y - centre_y + 3.0
    atrium = (atrium_x / (0.47 * build.heart)) ** 2 + (atrium_y / (0.66 * build.heart)) ** 2 < 1.0
    mask: Mask = ventricles | atrium
    return mask


def _great_vessels(build: Build, height: float, frame: Frame) -> Mask:
    """Aortic knob, pulmonary trunk on the left, superior vena cava on the right."""
    x, y = frame.x, frame.y
    knob = (x - build.mediastinum) ** 2 + (y - 0.27 * height) ** 2 < build.knob**2
    trunk = ((x - build.mediastinum) / 16.0) ** 2 + ((y - 0.45 * height) / 26.0) ** 2 < 1.0
    cava = ((x + build.mediastinum - 4.0) / 9.0) ** 2 + ((y - 0.45 * height) / 60.0) ** 2 < 1.0
    mask: Mask = knob | trunk | cava
    return mask
