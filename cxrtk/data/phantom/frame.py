"""Image geometry (patient millimetres <-> pixels) and tabulated curves over the height."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

Array = npt.NDArray[np.float32]

_TOP, _BOTTOM, _STEP = -400.0, 800.0, 0.25  # mm; range and step of a tabulated curve


@dataclass(frozen=True)
class Frame:
    """A square image of the patient.

    Patient coordinates are in mm in the plane of the detector: x from the middle of the spine to the right
    of the image, which is the patient's left; y downwards from the apex of the lungs.

    Attributes:
        size: Number of rows and columns.
        field_mm: Side of the image in mm.
        centre_mm: (x, y) of the image's centre in patient coordinates.
        tilt: Angle in radians by which the patient leans to the image's right.
    """

    size: int
    field_mm: float
    centre_mm: tuple[float, float]
    tilt: float

    @property
    def pixel_mm(self) -> float:
        """Pixel spacing in mm."""
        return self.field_mm / self.size

    @cached_property
    def grid(self) -> tuple[Array, Array]:
        """X and y in mm of all pixel centres, (H, W) each."""
        along = ((np.arange(self.size) + 0.5) * self.pixel_mm - self.field_mm / 2).astype(np.float32)
        u, v = along[None, :], along[:, None]
        cos, sin = np.float32(np.cos(self.tilt)), np.float32(np.sin(self.tilt))
        x = cos * u + sin * v + np.float32(self.centre_mm[0])
        y = cos * v - sin * u + np.float32(self.centre_mm[1])
        return x, y

    def to_pixels(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Convert patient mm to (row, column) in pixels, 0 at the centre of the first one."""
        cos, sin = np.float32(np.cos(self.tilt)), np.float32(np.sin(self.tilt))
        x, y = x - np.float32(self.centre_mm[0]), y - np.float32(self.centre_mm[1])
        half, scale = np.float32(self.size / 2 - 0.5), np.float32(1 / self.pixel_mm)
        row: Array = (sin * x + cos * y) * scale + half
        column: Array = (cos * x - sin * y) * scale + half
        return row, column


class Curve:
    """A smooth function of the height y, tabulated every quarter of a millimetre.

    Args:
        y: Heights in mm, ascending.
        value: Values at these heights; monotone cubic in between, constant beyond.
        smooth_mm: Standard deviation of a Gaussian that smooths the joints.
    """

    def __init__(self, y: npt.ArrayLike, value: npt.ArrayLike, smooth_mm: float = 0.0) -> None:
        y = np.asarray(y, np.float64)
        at = np.arange(_TOP, _BOTTOM, _STEP)
        table = PchipInterpolator(y, value)(np.clip(at, y[0], y[-1]))
        if smooth_mm:
            table = gaussian_filter1d(table, smooth_mm / _STEP, mode="nearest")
        self._table = table.astype(np.float32)

    def __call__(self, y: Array | float) -> Array:
        """Return the values at the heights `y`, to the nearest quarter of a millimetre."""
        index = ((np.asarray(y, np.float32) - np.float32(_TOP - _STEP / 2)) * np.float32(1 / _STEP)).astype(
            np.int32
        )
        values: Array = self._table.take(index, mode="clip")
        return values


def chord(u: Array, power: int = 2) -> Array:
    """Return sqrt(1 - |u|^power), 0 beyond 1: depth of an ellipse at the fraction `u` of its half width."""
    square = u * u
    inside = 1 - (square if power == 2 else square ** np.float32(power / 2))
    depth: Array = np.sqrt(np.maximum(inside, 0))
    return depth


def rise(u: Array) -> Array:
    """Return the profile of a rounded edge: 0 below 0, 1 above 1, a quarter circle in between."""
    return chord(1 - np.clip(u, 0, 1))
