"""Findings as shapes in the chest: what each puts in the place of lung, along the beam, pixel by pixel.

A lesion is given in millimetres of the patient, so that it is the same at every size of the image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame, chord, rise

Mask = npt.NDArray[np.bool_]

# Where a mask ends, as a share of the lesion's greatest thickness along the beam. A ball has a border; what
# thins out to nothing has none.
_SHARP, _SOFT = np.float32(0.1), np.float32(0.25)
_LUNG_TISSUE = 0.26 / 1.06  # of inflated lung, by its density; see `attenuation`
_MOST = np.float32(0.97)  # of the lung along a beam that a ball or a cloud may take

_GAP_MM = 4.0
_PLEURA_MM, _PLEURA_SIGMA = np.float32(5.0), np.float32(0.9)  # of the pleura seen edge-on


@dataclass(frozen=True)
class Ball:
    """A nodule or a mass: a lobed ball of soft tissue.

    Attributes:
        finding: ``Nodule`` or ``Mass``.
        centre: (x, y) in mm.
        radius: In mm, on average over the directions.
        lobes: (amplitude, phase) of 2, 3, ... lobes round its outline, as shares of the radius.
    """

    finding: str
    centre: tuple[float, float]
    radius: float
    lobes: tuple[tuple[float, float], ...] = ()

    @property
    def reach(self) -> float:
        """The largest radius that the lobes can give."""
        return self.radius * (1 + sum(abs(amplitude) for amplitude, _ in self.lobes))

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """The chord of the ball: 2 R sqrt(1 - (r / R)^2)."""
        x, y = frame.grid
        off_x, off_y = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        radius = np.full_like(x, self.radius)
        if self.lobes:
            angle = np.arctan2(off_y, off_x)
            for number, (amplitude, phase) in enumerate(self.lobes, start=2):
                radius += np.float32(self.radius * amplitude) * np.cos(number * angle + np.float32(phase))
        thickness = 2 * radius * chord(np.hypot(off_x, off_y) / radius)
        return np.asarray(np.minimum(thickness, _MOST * lung_mm), np.float32)

    def seen(self, chest: Chest, frame: Frame, taken: Array) -> Mask:
        """Where it takes at least a tenth of its greatest thickness."""
        return np.asarray(taken > _SHARP * taken.max())


@dataclass(frozen=True)
class Cloud:
    """A consolidation: soft-edged patches of airspace filled with fluid, which run together.

    Attributes:
        patches: (x, y, standard deviation, greatest thickness) of each in mm.
        bronchi: (x, y, x, y) ends of the airways in it that are still filled with air.
        finding: ``Consolidation``.
    """

    patches: tuple[tuple[float, float, float, float], ...]
    bronchi: tuple[tuple[float, float, float, float], ...] = ()
    finding: str = "Consolidation"

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """The sum of the patches, never quite all of the lung, less the airways."""
        x, y = frame.grid
        total = np.zeros_like(x)
        for at_x, at_y, sigma, thickness in self.patches:
            off = (x - np.float32(at_x)) ** 2 + (y - np.float32(at_y)) ** 2
            total += np.float32(thickness) * np.exp(off * np.float32(-0.5 / sigma**2))
        for ax, ay, bx, by in self.bronchi:
            dx, dy = np.float32(bx - ax), np.float32(by - ay)
            along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
            beside: Array = np.hypot(x - ax - dx * along, y - ay - dy * along).astype(np.float32)
            total -= np.minimum(5 * (1 - np.float32(0.6) * along) * chord(beside * np.float32(0.5)), total)
        most = np.maximum(_MOST * lung_mm, np.float32(1e-3))
        filled: Array = most * (1 - np.exp(-total / most))
        return filled

    def seen(self, chest: Chest, frame: Frame, taken: Array) -> Mask:
        """Where it takes at least a quarter of its greatest thickness."""
        return np.asarray(taken > _SOFT * taken.max())


@dataclass(frozen=True)
class Fluid:
    """An effusion: fluid between lung and chest wall, which lifts and compresses the lung's base.

    The lung is cut back from the wall by a layer that grows downwards; seen edge-on at the side, the layer
    climbs the wall: the meniscus.

    Attributes:
        side: -1 right lung, 1 left lung.
        top: y in mm where the layer begins at the wall.
        growth: mm below `top` at which the layer is `width` thick.
        width: In mm.
        finding: ``Effusion``.
    """

    side: int
    top: float
    growth: float
    width: float = 20.0
    finding: str = "Effusion"

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """What the shrunken section of the lung leaves of the beam's way through it."""
        x, y = frame.grid
        layer = self.width * np.clip((y - np.float32(self.top)) / np.float32(self.growth), 0, 3) ** 2
        lateral, beside = chest.lateral(y), np.abs(x)
        inner = np.maximum(lateral - layer, 1)
        outside = np.maximum(chord(np.clip(beside / lateral, 0, 1)), np.float32(1e-3))
        kept = chord(np.clip(beside / inner, 0, 1)) / outside
        kept *= np.clip(1 - 2 * layer / np.float32(chest.depth), 0, 1)
        # Towards the spine it thins out.
        near = np.clip((self.side * x - 4) * np.float32(1 / 24), 0, 1)
        share: Array = near * (1 - np.clip(kept, 0, 1))
        return share * lung_mm

    def seen(self, chest: Chest, frame: Frame, taken: Array) -> Mask:
        """Where it takes at least a quarter of its greatest thickness."""
        return np.asarray(taken > _SOFT * taken.max())


@dataclass(frozen=True)
class Gap:
    """A pneumothorax: the lung has come off the chest wall, and air without vessels fills the gap.

    Attributes:
        side: -1 right lung, 1 left lung.
        drop: mm by which the lung's apex has come down; 0 at the lung's base.
        width: mm of the gap at the side, half-way up; less below.
        finding: ``Pneumothorax``.
    """

    side: int
    drop: float
    width: float
    finding: str = "Pneumothorax"

    def edge(self, chest: Chest, frame: Frame) -> tuple[Array, Array]:
        """Distance in mm from the lung's new edge, positive inside the lung; and the share of lung kept."""
        x, y = frame.grid
        down = np.clip(y * np.float32(1 / chest.height), 0, 1)
        moved = y - np.float32(self.drop) * (1 - down)
        beside = np.abs(x)
        gap = np.float32(self.width) * (1 - down) ** np.float32(0.7) * 1.6
        inner = np.maximum(chest.lateral(moved) - gap, 1)
        high = np.float32(1 / (0.42 * chest.height))  # as the cavity deepens below the apex: see `fill_chest`
        outside = rise(y * high) * chord(np.clip(beside / chest.lateral(y), 0, 1))
        inside = rise(moved * high) * chord(np.clip(beside / inner, 0, 1))
        share = np.clip(inside / np.maximum(outside, np.float32(1e-3)), 0, 1)
        kept = np.asarray(np.where(self.side * x > 0, share, 1), np.float32)
        return np.minimum(inner - beside, moved), kept

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """All of the lung beyond its new edge, and what the shrunken section leaves within.

        The lung's tissue fills less room now: of what is left, as much more is tissue.
        """
        kept = self.edge(chest, frame)[1]
        here = self.side * frame.grid[0] > 0
        volume = float((kept * lung_mm)[here].sum() / max(float(lung_mm[here].sum()), 1.0))
        denser = _LUNG_TISSUE * (1 / max(volume, 0.2) - 1)
        share: Array = 1 - kept * np.where(here, np.float32(1 - min(denser, 0.5)), np.float32(1))
        return share * lung_mm

    def freed(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """(H, W) mm of air in the gap, of `lung_mm`, the lung with its vessels: these go with the lung."""
        gap = (1 - self.edge(chest, frame)[1]) * lung_mm
        return np.asarray(np.maximum(gap - self.pleura(chest, frame), 0), np.float32)

    def seen(self, chest: Chest, frame: Frame, taken: Array) -> Mask:
        """The gap between lung and chest wall, where it is 4 mm wide or more."""
        x, y = frame.grid
        off, _ = self.edge(chest, frame)
        wide = chest.lateral(y) - np.abs(x) - off > _GAP_MM  # off: from the lung's edge, so that x cancels
        return np.asarray((off < 0) & wide & (self.side * x > 0) & (taken > 0))

    def pleura(self, chest: Chest, frame: Frame) -> Array:
        """(H, W) mm of tissue in the thin line along the lung's new edge."""
        off, _ = self.edge(chest, frame)
        here = self.side * frame.grid[0] > 0
        return np.asarray(here * _PLEURA_MM * np.exp(-0.5 * (off / _PLEURA_SIGMA) ** 2), np.float32)


Lesion = Ball | Cloud | Fluid | Gap
