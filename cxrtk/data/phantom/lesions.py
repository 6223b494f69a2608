"""Findings as lesion shapes: the lung that each one replaces along the beam, per pixel.

Lesions are defined in millimetres of the patient, so that they are the same at every image size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame, chord, rise

Mask = npt.NDArray[np.bool_]

# Mask threshold, as a fraction of the lesion's maximum thickness along the beam: low for a ball with a sharp
# border, higher for a lesion that tapers off.
_SHARP, _SOFT = np.float32(0.1), np.float32(0.25)
_LUNG_TISSUE = 0.26 / 1.06  # tissue fraction of inflated lung, by its density; see `attenuation`
_MOST = np.float32(0.97)  # maximum fraction of the lung along a beam that a ball or a cloud may replace

_GAP_MM = 4.0
_PLEURA_MM, _PLEURA_SIGMA = np.float32(5.0), np.float32(0.9)  # thickness and blur of the pleura seen edge-on


@dataclass(frozen=True)
class Ball:
    """A nodule or a mass: a lobed ball of soft tissue.

    Attributes:
        finding: ``Nodule`` or ``Mass``.
        centre: (x, y) in mm.
        radius: Mean radius in mm.
        lobes: (amplitude, phase) of 2, 3, ... lobes of the outline, amplitudes as fractions of the radius.
    """

    finding: str
    centre: tuple[float, float]
    radius: float
    lobes: tuple[tuple[float, float], ...] = ()

    @property
    def reach(self) -> float:
        """Maximum radius, including the lobes."""
        return self.radius * (1 + sum(abs(amplitude) for amplitude, _ in self.lobes))

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """Return the (H, W) chord of the ball in mm: 2 R sqrt(1 - (r / R)^2)."""
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
        """Return the mask where the lesion has at least a tenth of its maximum thickness."""
        return np.asarray(taken > _SHARP * taken.max())


@dataclass(frozen=True)
class Cloud:
    """A consolidation: merging, soft-edged patches of fluid-filled airspace.

    Attributes:
        patches: (x, y, standard deviation, maximum thickness) of each patch in mm.
        bronchi: (x, y, x, y) end points of the air bronchograms.
        finding: ``Consolidation``.
    """

    patches: tuple[tuple[float, float, float, float], ...]
    bronchi: tuple[tuple[float, float, float, float], ...] = ()
    finding: str = "Consolidation"

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """Return the (H, W) sum of the patches in mm, never quite the whole lung, minus the airways."""
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
        """Mask where the lesion has at least a quarter of its maximum thickness."""
        return np.asarray(taken > _SOFT * taken.max())


@dataclass(frozen=True)
class Fluid:
    """An effusion: fluid between lung and chest wall, which lifts and compresses the lung's base.

    The lung recedes from the wall by a layer that thickens downwards; seen edge-on at the side, the layer
    climbs the wall and forms the meniscus.

    Attributes:
        side: -1 right lung, 1 left lung.
        top: y in mm of the upper end of the layer at the wall.
        growth: Distance in mm below `top` at which the layer reaches `width`.
        width: Thickness of the layer in mm.
        finding: ``Effusion``.
    """

    side: int
    top: float
    growth: float
    width: float = 20.0
    finding: str = "Effusion"

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """Return (H, W) mm of fluid: the path through the cavity outside the shrunken lung section."""
        x, y = frame.grid
        layer = self.width * np.clip((y - np.float32(self.top)) / np.float32(self.growth), 0, 3) ** 2
        lateral, beside = chest.lateral(y), np.abs(x)
        inner = np.maximum(lateral - layer, 1)
        outside = np.maximum(chord(np.clip(beside / lateral, 0, 1)), np.float32(1e-3))
        kept = chord(np.clip(beside / inner, 0, 1)) / outside
        kept *= np.clip(1 - 2 * layer / np.float32(chest.depth), 0, 1)
        # The layer tapers off towards the spine.
        near = np.clip((self.side * x - 4) * np.float32(1 / 24), 0, 1)
        share: Array = near * (1 - np.clip(kept, 0, 1))
        return share * lung_mm

    def seen(self, chest: Chest, frame: Frame, taken: Array) -> Mask:
        """Mask where the lesion has at least a quarter of its maximum thickness."""
        return np.asarray(taken > _SOFT * taken.max())


@dataclass(frozen=True)
class Gap:
    """A pneumothorax: the lung has detached from the chest wall, and air without vessels fills the gap.

    Attributes:
        side: -1 right lung, 1 left lung.
        drop: Descent of the lung's apex in mm; 0 at the lung's base.
        width: Width of the lateral gap in mm at mid-height; smaller below.
        finding: ``Pneumothorax``.
    """

    side: int
    drop: float
    width: float
    finding: str = "Pneumothorax"

    def edge(self, chest: Chest, frame: Frame) -> tuple[Array, Array]:
        """Return mm from the lung's new edge, positive inside, and the fraction of lung kept."""
        x, y = frame.grid
        down = np.clip(y * np.float32(1 / chest.height), 0, 1)
        moved = y - np.float32(self.drop) * (1 - down)
        beside = np.abs(x)
        gap = np.float32(self.width) * (1 - down) ** np.float32(0.7) * 1.6
        inner = np.maximum(chest.lateral(moved) - gap, 1)
        high = np.float32(1 / (0.42 * chest.height))  # the cavity deepens below the apex, see `fill_chest`
        outside = rise(y * high) * chord(np.clip(beside / chest.lateral(y), 0, 1))
        inside = rise(moved * high) * chord(np.clip(beside / inner, 0, 1))
        share = np.clip(inside / np.maximum(outside, np.float32(1e-3)), 0, 1)
        kept = np.asarray(np.where(self.side * x > 0, share, 1), np.float32)
        return np.minimum(inner - beside, moved), kept

    def taken(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """Return (H, W) mm of lung removed: all beyond the new edge, and what shrinkage removes within it.

        The collapsed lung is denser: the tissue fraction of the remaining lung rises accordingly.
        """
        kept = self.edge(chest, frame)[1]
        here = self.side * frame.grid[0] > 0
        volume = float((kept * lung_mm)[here].sum() / max(float(lung_mm[here].sum()), 1.0))
        denser = _LUNG_TISSUE * (1 / max(volume, 0.2) - 1)
        share: Array = 1 - kept * np.where(here, np.float32(1 - min(denser, 0.5)), np.float32(1))
        return share * lung_mm

    def freed(self, chest: Chest, frame: Frame, lung_mm: Array) -> Array:
        """Return (H, W) mm of air in the gap, given `lung_mm`: the lung and the vessels that move with it."""
        gap = (1 - self.edge(chest, frame)[1]) * lung_mm
        return np.asarray(np.maximum(gap - self.pleura(chest, frame), 0), np.float32)

    def seen(self, chest: Chest, frame: Frame, taken: Array) -> Mask:
        """Return the mask of the gap between lung and chest wall, where it is at least 4 mm wide."""
        x, y = frame.grid
        off, _ = self.edge(chest, frame)
        wide = chest.lateral(y) - np.abs(x) - off > _GAP_MM  # off: from the lung's edge; x cancels
        return np.asarray((off < 0) & wide & (self.side * x > 0) & (taken > 0))

    def pleura(self, chest: Chest, frame: Frame) -> Array:
        """Return (H, W) mm of tissue in the thin pleural line along the lung's new edge."""
        off, _ = self.edge(chest, frame)
        here = self.side * frame.grid[0] > 0
        return np.asarray(here * _PLEURA_MM * np.exp(-0.5 * (off / _PLEURA_SIGMA) ** 2), np.float32)


Lesion = Ball | Cloud | Fluid | Gap
