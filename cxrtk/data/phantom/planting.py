"""Random choice of the findings of an image and of their locations in the chest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.chest import Chest, fill_chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.lesions import Ball, Cloud, Fluid, Gap, Lesion
from cxrtk.errors import ConfigError

PLANTABLE: Final = ("Cardiomegaly", "Pneumothorax", "Effusion", "Consolidation", "Mass", "Nodule")
WIDE_HEART = 0.5  # cardiothoracic ratio above which the heart counts as Cardiomegaly

_COARSE = 128  # rows of the grid for choosing locations, independent of the image size
_APART = 6.0  # minimum distance in mm between two findings
_NODULE_MM, _MASS_MM = (6.0, 15.0), (15.0, 30.0)  # radii; a mass is above 3 cm wide


def check_findings(names: Sequence[str]) -> None:
    """Refuse findings that cannot be planted.

    Raises:
        ConfigError: A name is not in `PLANTABLE`, or occurs twice, or `names` is a string.
    """
    if isinstance(names, str) or len(set(names)) < len(names) or not set(names) <= set(PLANTABLE):
        raise ConfigError(
            f"findings must be different ones of {', '.join(PLANTABLE)}, in a list, not {names!r}."
        )


def widen_heart(build: Build, pose: Pose, rng: np.random.Generator) -> Build:
    """Return the same patient with a heart of 0.54 to 0.62 of the lungs' width in this pose."""
    return replace(build, heart=float(rng.uniform(0.54, 0.62)) / pose.spread)


def plant(
    names: Sequence[str], pose: Pose, chest: Chest, frame: Frame, rng: np.random.Generator
) -> list[Lesion]:
    """Choose the locations and sizes of lesions.

    Args:
        names: Names from `PLANTABLE`; ``Cardiomegaly`` is not a lesion and is skipped (see `widen_heart`).
        pose: Pose of the patient.
        chest: The outlines.
        frame: Geometry of the image; choices are made on a coarse grid of the same field, independent of
            size.
        rng: Random generator reserved for the findings.

    Returns:
        Lesions in the order in which they replace lung.
    """
    site = _Site(chest, replace(frame, size=_COARSE))
    lesions: list[Lesion] = []
    for name in (name for name in PLANTABLE if name in names and name != "Cardiomegaly"):
        taken_sides = {lesion.side for lesion in lesions if isinstance(lesion, Fluid | Gap)}
        if name == "Pneumothorax":
            found: list[Lesion] = [_gap(rng, chest, int(rng.choice((-1, 1))))]
        elif name == "Effusion":
            both = rng.random() < 0.2
            sides = [side for side in (-1, 1) if side not in taken_sides]
            first = int(rng.choice(sides))
            found = [_fluid(rng, pose, chest, side) for side in sides if both or side == first]
        elif name == "Consolidation":
            found = [_cloud(rng, site)]
        elif name == "Mass":
            found = [_ball(rng, site, "Mass", _MASS_MM, 0.06)]
        else:
            found = []
            for _ in range(int(rng.choice((1, 2, 3), p=(0.7, 0.2, 0.1)))):
                found.append(_ball(rng, site, "Nodule", _NODULE_MM, 0.03))
                site.occupy(found[-1])
        for lesion in found:
            site.occupy(lesion)
        lesions += found
    return lesions


@dataclass
class _Site:
    """Lung area still free for planting."""

    chest: Chest
    frame: Frame

    def __post_init__(self) -> None:
        layers = fill_chest(self.chest, self.frame)
        self.lungs: npt.NDArray[np.bool_] = layers.right_lung | layers.left_lung
        self.lung_mm: Array = layers.lung_mm
        self.free = self.lungs.copy()

    def occupy(self, lesion: Lesion) -> None:
        """Reserve the area of a lesion."""
        taken = lesion.taken(self.chest, self.frame, self.lung_mm)
        off = distance_transform_edt(~lesion.seen(self.chest, self.frame, taken)) * self.frame.pixel_mm
        self.free &= off > _APART

    def room(self) -> Array:
        """Return (H, W) mm to the border of the free lung, or of the whole lung where none is free."""
        open_lung = self.free if self.free.any() else self.lungs
        return np.asarray(distance_transform_edt(open_lung) * self.frame.pixel_mm, np.float32)

    def point(self, rng: np.random.Generator, candidates: npt.NDArray[np.bool_]) -> tuple[float, float]:
        """Return (x, y) of a random candidate pixel."""
        x, y = (axis[candidates] for axis in self.frame.grid)
        index = int(rng.integers(len(x)))
        return float(x[index]), float(y[index])


def _gap(rng: np.random.Generator, chest: Chest, side: int) -> Gap:
    return Gap(side, drop=float(rng.uniform(0.08, 0.22)) * chest.height, width=float(rng.uniform(12, 34)))


def _fluid(rng: np.random.Generator, pose: Pose, chest: Chest, side: int) -> Fluid:
    """Draw an effusion, from a blunted angle to half of the lung; flatter in a patient sitting in bed."""
    base = chest.height - chest.domes[0].top[1]
    level = chest.height - base * float(rng.uniform(0.7, 2.4))
    growth = float(rng.uniform(32, 55)) * (1.4 if pose.view == "AP" else 1.0)
    return Fluid(side, top=level - 0.9 * growth, growth=growth)


def _ball(
    rng: np.random.Generator, site: _Site, finding: str, radii: tuple[float, float], lobed: float
) -> Ball:
    """Draw a ball that fits into the lung, reducing its radius if necessary."""
    # Lobes of order 2, 3, 4 and 5, with amplitude falling with the order.
    lobes = tuple(
        (float(rng.uniform(0, 2 * lobed / number)), float(rng.uniform(0, 2 * np.pi)))
        for number in range(2, 6)
    )
    ball = Ball(finding, (0.0, 0.0), float(rng.uniform(*radii)), lobes)
    room = site.room()
    pixel = site.frame.pixel_mm
    if room.max() < ball.reach + pixel:
        fitting = ball.radius * (float(room.max()) - pixel) / ball.reach
        ball = replace(ball, radius=max(radii[0], fitting))
    centre = site.point(rng, room >= min(ball.reach + pixel, float(room.max())))
    return replace(ball, centre=centre)


def _cloud(rng: np.random.Generator, site: _Site) -> Cloud:
    """Draw eight to twenty patches in an elliptical region of the lung."""
    room = site.room()
    at_x, at_y = site.point(rng, room >= min(16.0, float(room.max())))
    wide, tall = rng.uniform(14, 34, 2)
    turn = float(rng.uniform(0, np.pi))
    patches = []
    for _ in range(int(rng.integers(8, 21))):
        far, angle = np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
        u, v = wide * far * np.cos(angle), tall * far * np.sin(angle)
        x, y = at_x + u * np.cos(turn) - v * np.sin(turn), at_y + u * np.sin(turn) + v * np.cos(turn)
        patches.append((float(x), float(y), float(rng.uniform(4, 10)), float(rng.uniform(10, 40))))
    # Airways run outwards from the hilum through the region.
    hilum_x, hilum_y = np.sign(at_x) * 30.0, 0.41 * site.chest.height
    heading = np.arctan2(at_y - hilum_y, at_x - hilum_x)
    bronchi = []
    for _ in range(int(rng.integers(2, 5))):
        angle = heading + rng.normal(0, 0.35)
        start_x, start_y = at_x + rng.normal(0, 0.3) * wide, at_y + rng.normal(0, 0.3) * tall
        length = rng.uniform(15, 35)
        dx, dy = length / 2 * np.cos(angle), length / 2 * np.sin(angle)
        bronchi.append((float(start_x - dx), float(start_y - dy), float(start_x + dx), float(start_y + dy)))
    return Cloud(tuple(patches), tuple(bronchi))
