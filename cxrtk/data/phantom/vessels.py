"""The hila and the vessels that branch from them, as soft tissue in the lungs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.anatomy import Build
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.splat import solid, splat

Points = npt.NDArray[np.float64]

_LEVELS = 8
_STEPS = 9  # points on a segment


def _roots(rng: np.random.Generator, build: Build, chest: Chest, side: int) -> tuple[Points, Points, Points]:
    """Where the lobar vessels of one side start: (N, 2) position, (N,) angle from straight down, (N,) radius."""
    border = chest.left if side > 0 else chest.right
    middle = (0.385 if side > 0 else 0.425) * chest.height
    count = 15
    along = rng.uniform(-0.055, 0.10, count)
    y = middle + along * chest.height
    x = np.abs(border(y.astype(np.float32))).astype(np.float64) + rng.uniform(-3, 7, count)
    # Downwards more than up, as blood goes when one stands.
    angle = np.radians(np.linspace(8, 168, count) ** 1.0 + rng.normal(0, 8, count))
    radius = rng.uniform(1.7, 2.7, count) * np.where(angle < 1.6, 1.15, 0.85)
    x += np.where(angle < 0.5, 4.0, 0.0)
    return np.stack([x, y - 16 * np.cos(angle - np.pi) * 0], axis=1), angle, radius


def _tree(rng: np.random.Generator, start: Points, angle: Points, radius: Points) -> list[Points]:
    """Grow branches level by level; each a (N, steps, 3) array of x, y and radius."""
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
        # Murray's law: the cubes of the children's radii add up to the parent's.
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


def _joined(levels: list[Points], step_mm: float) -> tuple[Array, Array, Array]:
    """All segments of all levels as points with volumes; no thinner ones than can be seen are drawn across."""
    parts = []
    for branches in levels:
        x, y, radius = branches[..., 0], branches[..., 1], branches[..., 2]
        dx, dy = np.gradient(x, axis=1), np.gradient(y, axis=1)
        length = np.hypot(dx, dy) + 1e-9
        layers = int(np.clip(2 * radius.max() / step_mm, 1, 9))
        fine = max(1, int(np.ceil(length.max() / step_mm)))
        across = (np.arange(layers) + 0.5) / layers * 2 - 1
        share = np.sqrt(1 - across**2)
        share /= share.sum() * fine
        for part in range(fine):
            t = (part + 0.5) / fine - 0.5
            out_x = (x + dx * t)[..., None] - (dy / length * radius)[..., None] * across
            out_y = (y + dy * t)[..., None] + (dx / length * radius)[..., None] * across
            volume = (np.pi * radius**2 * length)[..., None] * share
            parts.append((out_x.ravel(), out_y.ravel(), volume.ravel()))
    x, y, volume = (np.concatenate(values).astype(np.float32) for values in zip(*parts, strict=True))
    return x, y, volume


def _trunks(build: Build, chest: Chest) -> list[Points]:
    """The pulmonary arteries in the hila: (N, 3) x, y and radius."""
    height, turn = chest.height, 20 * np.sin(chest.turn)
    right = abs(float(chest.right(0.42 * height)))
    left = float(chest.left(0.40 * height))
    return (
        [
            np.array(
                [
                    (-right + 12, 0.385, 8),
                    (-right - 4, 0.41, 7.5),
                    (-right - 9, 0.46, 6.5),
                    (-right - 12, 0.55, 4.5),
                    (-right - 15, 0.62, 3),
                ]
            ),
            np.array([(-right + 8, 0.38, 5), (-right - 6, 0.36, 4), (-right - 14, 0.32, 3)]),
            np.array(
                [
                    (left - 16, 0.37, 9),
                    (left + 3, 0.36, 8),
                    (left + 8, 0.41, 7),
                    (left + 9, 0.48, 5.5),
                    (left + 14, 0.56, 3.5),
                ]
            ),
            np.array([(left - 2, 0.36, 5), (left + 8, 0.33, 4), (left + 15, 0.28, 2.6)]),
        ],
        height,
        turn,
    )


def vessel_thickness(build: Build, chest: Chest, frame: Frame) -> Array:
    """(H, W) thickness of blood in cm, not yet clipped to the lungs."""
    rng = np.random.default_rng(build.tree)
    step = 0.9 * frame.pixel_mm
    parts = []
    for side in (-1, 1):
        levels = _tree(rng, *_roots(rng, build, chest, side))
        x, y, volume = _joined(levels, step)
        parts.append((side * x, y, volume))
    trunks, height, turn = _trunks(build, chest)
    for path in trunks:
        path = path * np.array([1, height, 1]) + np.array([turn, 0, 0])
        parts.append(solid(path, step, layers=11))
    x, y, volume = (np.concatenate(values) for values in zip(*parts, strict=True))
    return splat(frame, x, y, volume)
