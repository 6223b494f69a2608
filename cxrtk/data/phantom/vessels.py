"""The hila and their vessel trees, as soft tissue in the lungs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.splat import Mass, splat
from cxrtk.data.phantom.tubes import solid

Points = npt.NDArray[np.float64]

_ROOTS = 20
_LEVELS = 8
_STEPS = 9  # points per segment


def _roots(rng: np.random.Generator, chest: Chest, side: int) -> tuple[Points, Points, Points]:
    """Return the root positions of the lobar vessels of one side, on positive x.

    Returns:
        (N, 2) positions, (N,) angles from vertically down towards the side, (N,) radii in mm.
    """
    border = chest.left if side > 0 else chest.right
    middle = 0.385 if side > 0 else 0.425  # the left hilum is higher
    y = (middle + rng.uniform(-0.055, 0.10, _ROOTS)) * chest.height
    x = np.abs(border(y.astype(np.float32))) + rng.uniform(-3, 7, _ROOTS)
    angle = np.radians(np.linspace(8, 168, _ROOTS) + rng.normal(0, 8, _ROOTS))
    # In a standing patient perfusion is greater in the lower lung.
    radius = rng.uniform(1.9, 3.3, _ROOTS) * np.where(angle < 1.6, 1.15, 0.85)
    return np.stack([x, y], axis=1), angle, radius


def _tree(rng: np.random.Generator, start: Points, angle: Points, radius: Points) -> list[Points]:
    """Grow branches level by level; each level is an (N, steps, 3) array of x, y and radius."""
    levels = []
    for level in range(_LEVELS):
        length = radius * rng.uniform(7.5, 13.0, len(radius)) + 4
        bend = rng.normal(0, 0.22, len(radius))
        t = np.linspace(0, 1, _STEPS)
        heading = angle[:, None] + bend[:, None] * t + 0.10 * np.sin(t * 6 + angle[:, None] * 9)
        step = (length / (_STEPS - 1))[:, None]
        x = start[:, 0, None] + np.cumsum(np.sin(heading) * step, axis=1)
        y = start[:, 1, None] + np.cumsum(np.cos(heading) * step, axis=1)
        wide = radius[:, None] * (1 - 0.14 * t)
        levels.append(np.stack([x, y, wide], axis=2))
        if level == _LEVELS - 1:
            break
        # Murray's law: the cubes of the children's radii sum to the parent's.
        share = rng.uniform(0.22, 0.5, len(radius))
        end = np.stack([x[:, -1], y[:, -1]], axis=1)
        fork = rng.choice([-1.0, 1.0], len(radius))
        big, small = rng.uniform(0.08, 0.34, (2, len(radius))) * np.array([[0.8], [1.9]])
        start = np.concatenate([end, end])
        angle = np.concatenate([heading[:, -1] + fork * big, heading[:, -1] - fork * small])
        radius = 0.86 * np.concatenate([radius * np.cbrt(1 - share), radius * np.cbrt(share)])
        keep = radius > 0.28
        start, angle, radius = start[keep], angle[keep], radius[keep]
    return levels


def _branches(levels: list[Points], side: int, step_mm: float) -> list[Mass]:
    """Return the point masses of all branches of all levels; thinner levels have fewer points across."""
    parts: list[Mass] = []
    for level in levels:
        x, y, radius = np.moveaxis(level.astype(np.float32), 2, 0)
        dx, dy = np.gradient(x, axis=1), np.gradient(y, axis=1)
        length = np.hypot(dx, dy) + np.float32(1e-6)
        layers = int(np.clip(2 * radius.max() / step_mm, 1, 16))
        pieces = max(1, int(np.ceil(length.max() / step_mm)))
        across = (np.arange(layers, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / layers) - 1
        share = np.sqrt(1 - across * across)
        volume = np.float32(np.pi / pieces) * radius * radius * length
        masses = volume[..., None] * (share / share.sum())
        aside_x, aside_y = (
            (dy / length * radius)[..., None] * across,
            (dx / length * radius)[..., None] * across,
        )
        for piece in range(pieces):
            t = np.float32((piece + 0.5) / pieces - 0.5)
            at_x, at_y = (x + dx * t)[..., None] - aside_x, (y + dy * t)[..., None] + aside_y
            parts.append((side * at_x.ravel(), at_y.ravel(), masses.ravel()))
    return parts


# Pulmonary arteries in the hila: mm from the mediastinum's border, fraction of the lungs' height, radius.
_RIGHT = ((-14, 0.385, 8), (2, 0.405, 7.5), (8, 0.45, 6.5), (12, 0.52, 5), (15, 0.62, 3))
_RIGHT_UPPER = ((-8, 0.39, 5), (5, 0.36, 4), (14, 0.32, 3), (20, 0.27, 2))
_LEFT = ((-14, 0.39, 7), (-4, 0.368, 7), (6, 0.38, 6.5), (12, 0.425, 6), (14, 0.49, 5), (19, 0.57, 3))
_LEFT_UPPER = ((-4, 0.37, 5), (7, 0.33, 4), (15, 0.28, 2.6), (20, 0.23, 1.8))


def _trunks(chest: Chest) -> list[Points]:
    """Return the (N, 3) x, y and radius in mm of the large arteries of both sides."""
    right, left = float(chest.right(0.42 * chest.height)), float(chest.left(0.40 * chest.height))
    shift = 20 * np.sin(chest.turn)
    sides = ((right, -1, _RIGHT), (right, -1, _RIGHT_UPPER), (left, 1, _LEFT), (left, 1, _LEFT_UPPER))
    scale = np.array([1.0, chest.height, 1.0])
    return [np.array(path) * scale * [side, 1, 1] + [border + shift, 0, 0] for border, side, path in sides]


def vessel_thickness(build: Build, chest: Chest, frame: Frame) -> Array:
    """Return the (H, W) thickness of blood in cm, not yet clipped to the lungs."""
    rng = np.random.default_rng(build.tree)
    step = 0.9 * frame.pixel_mm
    parts = [solid(path, step) for path in _trunks(chest)]
    for side in (-1, 1):
        parts += _branches(_tree(rng, *_roots(rng, chest, side)), side, step)
    return splat(frame, parts)


def hilar_haze(chest: Chest, frame: Frame) -> Array:
    """Return the (H, W) fraction of lung that hilar bronchi, nodes and fat occupy; at most 0.2."""
    x, y = frame.grid
    haze = np.zeros_like(x)
    for border, level in ((chest.right, 0.43), (chest.left, 0.40)):
        at_y = level * chest.height
        off_x, off_y = x - np.float32(border(at_y)), y - np.float32(at_y)
        haze += np.float32(0.2) * np.exp(-(off_x * off_x) / 700 - (off_y * off_y) / 1400)
    return haze
