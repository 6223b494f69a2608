"""One phantom from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import draw_build, draw_exposure, draw_pose
from cxrtk.data.phantom.bones import bone_cm
from cxrtk.data.phantom.exposure import detect, display, mark, transmission
from cxrtk.data.phantom.frame import make_frame
from cxrtk.data.phantom.organs import make_organs
from cxrtk.data.phantom.soft import air_cm, body_cm, lung_cm, vessels_cm

MIN_SIZE = 32


@dataclass(frozen=True, eq=False)
class Phantom:
    """A drawn radiograph and its exact masks.

    Attributes:
        pixels: (H, W) float32 in [0, 1]; brighter is denser, unless drawn inverted.
        right_lung: (H, W) uint8 in {0, 1}; the patient's right, on the image's left.
        left_lung: (H, W) uint8 in {0, 1}.
        heart: (H, W) uint8 in {0, 1}; no lung mask runs through it.
        spacing_mm: (row, column) in the patient's plane, known by construction.
        meta: The fictitious patient: sex, age, view.
    """

    pixels: npt.NDArray[np.float32]
    right_lung: npt.NDArray[np.uint8]
    left_lung: npt.NDArray[np.uint8]
    heart: npt.NDArray[np.uint8]
    spacing_mm: tuple[float, float]
    meta: dict[str, Any] = field(default_factory=dict)


def draw(seed: int, size: int = 512, *, patient: int | None = None, inverted: bool = False) -> Phantom:
    """Draw one square phantom; the same arguments give the same pixels on the same machine.

    Args:
        seed: Seed of pose, exposure and noise.
        size: Height and width in pixels, at least 32.
        patient: Seed of the body; `seed` where it is ``None``. Images of one patient share their body.
        inverted: Store it as a negative, as a file of unknown polarity might be.

    Raises:
        ValueError: `size` is too small.
    """
    if size < MIN_SIZE:
        raise ValueError(f"A phantom has at least {MIN_SIZE} pixels a side, not {size}.")
    build = draw_build(np.random.default_rng([0, seed if patient is None else patient]))
    rng = np.random.default_rng([1, seed])
    pose, exposure = draw_pose(rng), draw_exposure(rng)
    frame = make_frame(size, pose)
    organs = make_organs(build, pose, frame)

    lung = lung_cm(build, organs, frame)
    bone = bone_cm(build, pose, frame)
    vessels = np.minimum(vessels_cm(build, pose, organs, frame), lung)
    body = body_cm(build, pose, frame)
    bone = np.where(body > 1.0, bone, 0.0)
    lung -= vessels  # blood displaces air
    soft = np.clip(body - lung - bone - air_cm(build, pose, organs, frame), 0.0, None)
    counts = detect(transmission(soft, lung, bone), exposure, frame.spacing_mm, rng)
    shown = mark(display(counts, exposure, frame.spacing_mm), exposure, rng)
    return Phantom(
        pixels=np.ascontiguousarray(1.0 - shown if inverted else shown, dtype=np.float32),
        right_lung=organs.right_lung.astype(np.uint8),
        left_lung=organs.left_lung.astype(np.uint8),
        heart=organs.heart.astype(np.uint8),
        spacing_mm=(frame.spacing_mm, frame.spacing_mm),
        meta={"sex": "F" if build.female else "M", "age": build.age, "view": "PA"},
    )
