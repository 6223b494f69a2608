"""Outlines that define the masks: chest cavity, mediastinum, heart and diaphragm domes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.frame import Array, Curve, Frame, chord, rise


@dataclass(frozen=True)
class Dome:
    """Frontal outline of one half of the diaphragm.

    Attributes:
        top: (x, y) of its highest point in mm.
        medial: Descent towards the spine.
        lateral: Descent to the costophrenic angle.
        angle_x: Position x of the costophrenic angle.
    """

    top: tuple[float, float]
    medial: float
    lateral: float
    angle_x: float

    def __call__(self, x: Array) -> Array:
        """Return the height y of the dome's outline over `x`."""
        middle = np.float32(abs(self.top[0]))
        beyond = np.abs(x) - middle
        inwards: Array = beyond / middle
        out: Array = np.clip(beyond / (np.float32(abs(self.angle_x)) - middle), 0, 1)
        fall = self.lateral * (0.4 * out * out + 0.6 * (1 - chord(out)))
        height: Array = np.where(beyond > 0, fall, self.medial * inwards * inwards) + np.float32(self.top[1])
        return height


@dataclass(frozen=True)
class Chest:
    """The outlines of one patient in one pose, in mm; x of the right side is negative.

    Attributes:
        height: Height of the lungs, apex to costophrenic angle.
        lateral: y -> distance of the lungs' outer border from the spine.
        apex: y -> distance of the inner border of the apex; 0 below it.
        right: y -> x of the mediastinum's right border, heart included.
        left: y -> x of the mediastinum's left border.
        filled: y -> fraction of the cavity's depth occupied by the mediastinum at its middle.
        domes: Right and left dome.
        heart_top: y of the top of the heart.
        heart_bottom: y of the lowest point of the heart.
        centre: x of the middle of the heart.
        half: Half the width of the heart.
        depth: Depth of the cavity, front to back.
        half_width: Half the width of both lungs.
        turn: Rotation in radians.
    """

    height: float
    lateral: Curve
    apex: Curve
    right: Curve
    left: Curve
    filled: Curve
    domes: tuple[Dome, Dome]
    heart_top: float
    heart_bottom: float
    centre: float
    half: float
    depth: float
    half_width: float
    turn: float


def shape_chest(build: Build, pose: Pose) -> Chest:
    """Compute the outlines of a patient in a pose."""
    height = build.height * pose.inspiration
    width = build.half_width * (0.94 + 0.06 * pose.inspiration)
    wave = build.waviness
    share = np.array([-0.1, 0.0, 0.012, 0.05, 0.11, 0.2, 0.32, 0.48, 0.66, 0.85, 1.0, 1.3])
    out = np.array([0.33, 0.36, 0.42, 0.53, 0.64, 0.75, 0.85, 0.92, 0.965, 0.99, 1.0, 1.0])
    out[4:9] += 0.012 * wave[0] * np.array([0.6, 1.0, 1.0, 0.7, 0.3])
    apex_x = 0.345 * width
    heart = build.heart * pose.spread * 2 * width
    heart_left = build.heart_left * heart + 45 * np.sin(pose.turn)
    heart_right = heart - heart_left
    right, left = _borders(build, height, heart_right, heart_left)
    dome_right, dome_left = _domes(build, pose, height, width)
    return Chest(
        height=height,
        lateral=Curve(share * height, out * width, smooth_mm=2.0),
        apex=Curve(
            np.array([0, 0.006, 0.02, 0.045, 0.08, 0.13, 0.2, 0.32]) * height,
            np.array([1.0, 0.83, 0.68, 0.55, 0.47, 0.42, 0.3, 0.0]) * apex_x,
            smooth_mm=0.5,
        ),
        right=right,
        left=left,
        filled=Curve([0.3 * height, 0.5 * height], [0.80, 0.68]),
        domes=(dome_right, dome_left),
        heart_top=height * (0.435 + 0.012 * wave[1]) * (1.0 - 0.05 * build.upright),
        heart_bottom=dome_left.top[1] + 16 + 4 * wave[2],
        centre=(heart_left - heart_right) / 2,
        half=heart / 2,
        depth=build.depth * (0.95 + 0.05 * pose.inspiration),
        half_width=width,
        turn=pose.turn,
    )


def _borders(build: Build, height: float, heart_right: float, heart_left: float) -> tuple[Curve, Curve]:
    """Return x of the mediastinum's right and left borders as functions of y."""
    wave, knob = build.waviness, build.knob
    age = max(build.age - 45, 0) / 45  # the aorta unfolds with age
    pedicle = 19 + 1.5 * wave[3]
    right = {
        -0.35: 24,
        0.05: pedicle - 1,
        0.2: pedicle + 4 + 3 * age,
        0.33: pedicle + 6 + 4 * age,
        0.43: 0.5 * (pedicle + 6) + 0.42 * heart_right,
        0.53: 0.93 * heart_right,
        0.63: heart_right,
        0.72: 0.95 * heart_right,
        0.82: 0.8 * heart_right,
        0.95: 0.6 * heart_right,
        1.4: 30,
    }
    bulk = 0.08 * (1 - build.upright)
    left = {
        -0.35: 24,
        0.05: pedicle - 2,
        0.17: pedicle + 1,
        0.215: pedicle + 4 + 0.55 * knob,
        0.265: pedicle + 7 + knob,
        0.315: pedicle + 6 + 0.6 * knob,
        0.36: 24 + 0.16 * heart_left,
        0.42: 16 + (0.30 + bulk) * heart_left,
        0.50: 12 + (0.48 + bulk) * heart_left,
        0.60: 5 + (0.71 + bulk) * heart_left,
        0.70: (0.925 + 0.3 * bulk) * heart_left,
        0.79: heart_left,
        0.85: 0.97 * heart_left,
        0.91: 0.82 * heart_left,
        0.97: 0.55 * heart_left,
        1.4: 30,
    }
    return (
        Curve([s * height for s in right], [-x for x in right.values()], smooth_mm=5.0),
        Curve([s * height for s in left], list(left.values()), smooth_mm=2.5),
    )


def _domes(build: Build, pose: Pose, height: float, width: float) -> tuple[Dome, Dome]:
    """Return both domes; the right one is higher, by half to one and a half vertebrae."""
    wave = build.waviness
    top = (0.775 + 0.015 * wave[1]) * height
    fall = 0.9 * (height - top)
    lower = 14 + 3.5 * wave[3]
    blunt = 0.968  # outlines end where the angle is about 4 mm wide, not at its tip
    right = Dome((-0.50 * width, top), 9 + 2 * wave[0], fall, -blunt * width)
    left = Dome((0.56 * width, top + lower), 8 + 2 * wave[2], fall - lower + 4 * wave[2], blunt * width)
    return right, left


@dataclass(frozen=True)
class Layers:
    """Rasterised outlines of one image.

    Attributes:
        right_lung: (H, W) bool, the lung as outlined on JSRT: without heart, above the dome.
        left_lung: (H, W) bool.
        heart: (H, W) bool.
        cavity_mm: (H, W) depth of the chest cavity.
        lung_mm: (H, W) depth of aerated lung, including that behind heart and domes (to the deepest recess).
    """

    right_lung: npt.NDArray[np.bool_]
    left_lung: npt.NDArray[np.bool_]
    heart: npt.NDArray[np.bool_]
    cavity_mm: Array
    lung_mm: Array


def fill_chest(chest: Chest, frame: Frame) -> Layers:
    """Rasterise the outlines: exact masks, and the depth of air along the beam."""
    x, y = frame.grid
    beside = np.abs(x)
    left_side = x > 0
    lateral, apex = chest.lateral(y), chest.apex(y)
    right_border, left_border = chest.right(y), chest.left(y)

    # One dome meets the other behind the heart.
    dome_right, dome_left = chest.domes[0](x), chest.domes[1](x)
    dome = dome_right + (dome_left - dome_right) * np.clip(x * np.float32(1 / 36) + 0.5, 0, 1)
    within = (beside < lateral) & (y > 0) & (beside > apex)
    mediastinum = (x > right_border) & (x < left_border)
    lungs = within & ~mediastinum & (y < dome)

    across = (x - np.float32(chest.centre)) / np.float32(chest.half)
    middle = 1 - across * across
    bottom = np.float32(chest.heart_bottom - 26) + 26 * chord(np.clip(across, -1, 1))
    top = np.float32(chest.heart_top) + 10 * (1 - np.clip(middle, 0, 1))
    heart = mediastinum & (y > top) & (y < bottom)

    kidney = 0.70 + 0.30 * chord(np.maximum(1 - beside * np.float32(1.8 / chest.half_width), 0))
    deep = chest.depth * kidney * rise(y * np.float32(1 / (0.42 * chest.height)))
    cavity = (
        deep
        * chord(np.clip(beside / lateral, 0, 1))
        * rise((beside - apex) * np.float32(1 / 14) + (apex < 1))
    )
    # Lung in front of and behind the mediastinum; more beside the heart than beside the great vessels.
    span = left_border - right_border
    off = (x - right_border) / span * 2 - 1
    full = chest.filled(y)
    cavity_free = 1 - full * chord(off, 8)
    below = (y - dome) / np.maximum(np.float32(1.07 * chest.height) - dome, 6)
    lung = cavity * np.where(mediastinum, cavity_free, 1) * (1 - rise(below) ** np.float32(0.6))
    return Layers(lungs & ~left_side, lungs & left_side, heart, cavity, lung)
