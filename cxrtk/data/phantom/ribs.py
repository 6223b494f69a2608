"""The twelve pairs of ribs, and the heights of the vertebrae from which they start."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build
from cxrtk.data.phantom.chest import Chest

Points = npt.NDArray[np.float64]

RIBS = 12
# Per rib: descent from the spine to its front end in mm, and angular extent (_ROUND) in degrees.
_FALL = (52, 72, 88, 102, 116, 128, 140, 150, 152, 140, 100, 60)
_LEAST = (0.47, 0.60, 0.0)  # minimum lateral extent of the first ribs, of the lungs' half width
_ROUND = (128, 138, 142, 143, 143, 140, 136, 130, 122, 112, 84, 62)


def vertebra_y(build: Build) -> Points:
    """Return y in mm, (21,), of the tops of C5 to L5; T1 is index 3."""
    pitch = np.concatenate([[14.5, 15, 16], np.linspace(20.5, 27, 12), np.linspace(28, 33, 5)])
    pitch *= build.height / 272
    tops = np.concatenate([[0], np.cumsum(pitch)])
    return np.asarray(tops - tops[3] - 0.075 * build.height)


def rib_paths(build: Build, chest: Chest, side: int) -> list[tuple[Points, Points]]:
    """Return the axis (N, 5) and outward normal (N, 3) of the twelve ribs of one side."""
    tops = vertebra_y(build)[3:]
    stretch = chest.height / build.height  # expiration lowers the ribs' front ends less
    paths = []
    for number in range(RIBS):
        angle = np.radians(np.linspace(9, _ROUND[number], 60))
        fall = _FALL[number] * build.rib_tilt * build.height / 272 * (0.55 + 0.45 * stretch)
        sin, cos = np.sin(angle), np.cos(angle)
        y = tops[number] + (6 if number == 0 else 2) + fall * ((1 - cos) / 2) + 0.14 * fall * sin * (1 - sin)
        y -= 5 * np.exp(-(((sin - 0.28) / 0.13) ** 2)) * (cos > 0)
        reach = chest.lateral(np.maximum(y.astype(np.float32), 2.0)) + 4.5
        reach = np.maximum(reach, _LEAST[min(number, 2)] * build.half_width)
        x = side * np.maximum(reach * sin**0.9, 0) + build.curve * np.sin(tops[number] / 90)
        z = -0.5 * chest.depth * cos
        x = x * np.cos(chest.turn) + z * np.sin(chest.turn)
        thin = 3.4 - 0.8 * np.clip(angle - 1.6, 0, 1)  # flatter at the front
        tall = 5.9 - 0.9 * sin + 1.2 * np.clip(angle - 1.9, 0, 1) - 0.5 * (number > 9)
        tall *= np.clip((angle - angle[0]) * 6 + 0.85, 0.85, 1)
        normal = np.stack([side * sin, np.zeros_like(sin), -cos], axis=1)
        paths.append((np.stack([x, y, z, thin, tall], axis=1), normal))
    return paths
