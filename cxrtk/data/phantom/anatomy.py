"""Random anatomy and pose of the patient; every random number of the anatomy is drawn here.

Lengths are in mm as projected onto the detector. Spreads follow measurements of adults on the 186 radiographs
of JSRT (lungs 227 to 341 mm wide, cardiothoracic ratio 0.34 to 0.63).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def _normal(rng: np.random.Generator, mean: float, spread: float, limit: float = 2.2) -> float:
    """Draw a normal number truncated at `limit` standard deviations."""
    return float(mean + spread * np.clip(rng.standard_normal(), -limit, limit))


@dataclass(frozen=True)
class Build:
    """Anatomy of one patient, shared by all of their images.

    Attributes:
        sex: ``M`` or ``F``.
        age: Age in years.
        half_width: Half the maximum width of both lungs together, at full inspiration.
        height: Height of the lungs, apex to costophrenic angle, at full inspiration.
        depth: Inner depth of the chest, front to back.
        fat: Thickness of the subcutaneous fat, 3 (thin) to 40 (large).
        muscle: Thickness of the chest wall between ribs and fat, at the side.
        heart: Width of the heart over that of the lungs, at full inspiration.
        heart_left: Fraction of the heart's width left of the midline of the spine.
        upright: Orientation of the heart, 0 (horizontal) to 1 (upright).
        knob: Bulge of the aortic arch.
        breast: Radius of the breasts; 0 for men.
        breast_depth: Thickness of the breasts.
        slope: Slope of the shoulders, 0 to 1.
        bone: Relative bone density; 1 for young adults.
        curve: Lateral curvature of the spine.
        rib_tilt: Factor on the descent of the ribs.
        waviness: (4,) small parameters of further shape variation.
        tree: Seed of the vessels.
    """

    sex: str
    age: int
    half_width: float
    height: float
    depth: float
    fat: float
    muscle: float
    heart: float
    heart_left: float
    upright: float
    knob: float
    breast: float
    breast_depth: float
    slope: float
    bone: float
    curve: float
    rib_tilt: float
    waviness: tuple[float, float, float, float]
    tree: int


def draw_build(rng: np.random.Generator) -> Build:
    """Draw a patient."""
    man = rng.random() < 0.56
    age = int(np.clip(rng.normal(48, 16), 18, 92))
    fat = float(np.clip(rng.gamma(2.4, 4.5) + (4 if man else 6), 4, 38))
    half_width = _normal(rng, 144, 8) if man else _normal(rng, 131, 7)
    return Build(
        sex="M" if man else "F",
        age=age,
        half_width=half_width,
        height=_normal(rng, 300, 18) if man else _normal(rng, 276, 17),
        depth=half_width * _normal(rng, 1.26, 0.07),
        fat=fat,
        muscle=_normal(rng, 19, 3) if man else _normal(rng, 14, 2),
        heart=_normal(rng, 0.435, 0.032) + 0.0007 * (age - 48) + 0.001 * (fat - 14),
        heart_left=_normal(rng, 0.69, 0.035),
        upright=float(rng.random()),
        knob=float(np.clip(_normal(rng, 8, 2.5) + 0.09 * (age - 48), 2.5, 16)),
        breast=0.0 if man else _normal(rng, 62, 7) + 0.5 * fat,
        breast_depth=0.0 if man else max(8.0, _normal(rng, 24, 9) + 0.5 * (fat - 14)),
        slope=float(rng.random()),
        bone=float(np.clip(_normal(rng, 1.0, 0.1) - 0.004 * max(age - 50, 0), 0.65, 1.25)),
        curve=_normal(rng, 0, 3.0),
        rib_tilt=_normal(rng, 1.0, 0.1),
        waviness=(_normal(rng, 0, 1), _normal(rng, 0, 1), _normal(rng, 0, 1), _normal(rng, 0, 1)),
        tree=int(rng.integers(2**31)),
    )


@dataclass(frozen=True)
class Pose:
    """Pose of the patient in front of the detector, for one image.

    Attributes:
        view: ``PA`` (standing) or ``AP`` (in bed: less inspired, larger heart, arms down).
        inspiration: Height of the lungs over that at full inspiration.
        spread: Factor on the heart's width, from view and inspiration.
        turn: Rotation about the spine in radians; positive moves the front to the image's right.
        tilt: Lean in radians.
        fill: Width of the lungs over that of the image.
        shift: (x, y) offset of the chest from the image's centre, as fractions of the image.
        arms: Abduction of the arms, in radians from vertical.
        shoulders: Elevation of the shoulders.
        gas: Width of the gastric air bubble; 0 for none.
        bowel: True if the colon contains gas.
    """

    view: str
    inspiration: float
    spread: float
    turn: float
    tilt: float
    fill: float
    shift: tuple[float, float]
    arms: float
    shoulders: float
    gas: float
    bowel: bool


def draw_pose(rng: np.random.Generator) -> Pose:
    """Draw the pose for one image."""
    bed = rng.random() < 0.28
    inspiration = _normal(rng, 0.87, 0.06) if bed else _normal(rng, 0.98, 0.05)
    return Pose(
        view="AP" if bed else "PA",
        inspiration=inspiration,
        spread=(1.08 if bed else 1.0) * (1 + 0.45 * (1 - inspiration)),
        turn=_normal(rng, 0, 0.07 if bed else 0.035),
        tilt=_normal(rng, 0, 0.04 if bed else 0.018),
        fill=_normal(rng, 0.77, 0.045),
        shift=(_normal(rng, 0, 0.018), _normal(rng, 0, 0.022)),
        arms=_normal(rng, 0.12, 0.05) if bed else _normal(rng, 0.30, 0.08),
        shoulders=_normal(rng, 18 if bed else 0, 8),
        gas=float(rng.uniform(20, 55)) if rng.random() < 0.6 else 0.0,
        bowel=bool(rng.random() < 0.3),
    )
