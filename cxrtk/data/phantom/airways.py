"""Air outside the lungs: trachea, main bronchi, stomach and bowel."""

from __future__ import annotations

import numpy as np

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.splat import splat
from cxrtk.data.phantom.tubes import solid


def airway_thickness(build: Build, chest: Chest, frame: Frame) -> Array:
    """Return the (H, W) thickness of air in cm in trachea and main bronchi."""
    height = chest.height
    radius = 8.6 if build.sex == "M" else 7.4
    lean = 14 * np.sin(chest.turn)
    carina = (-4.0 + lean, 0.335 * height)
    trachea = np.array(
        [
            (lean + 1, -0.42 * height, 0.8 * radius),
            (lean + 1, -0.16 * height, 0.7 * radius),
            (lean, -0.10 * height, radius),
            (lean - 1, 0.08 * height, radius),
            (lean - 4 - 0.25 * build.knob, 0.26 * height, radius),
            (*carina, 0.95 * radius),
        ]
    )
    right = np.array(
        [
            (carina[0] + 3, carina[1] - 16, 0.6 * radius),
            (carina[0] - 4, carina[1] + 3, 0.75 * radius),
            (carina[0] - 18, carina[1] + 20, 0.72 * radius),
            (carina[0] - 28, carina[1] + 42, 0.5 * radius),
        ]
    )
    left = np.array(
        [
            (carina[0] - 3, carina[1] - 16, 0.55 * radius),
            (carina[0] + 5, carina[1] + 3, 0.68 * radius),
            (carina[0] + 26, carina[1] + 18, 0.66 * radius),
            (carina[0] + 42, carina[1] + 28, 0.45 * radius),
        ]
    )
    step = 0.8 * frame.pixel_mm
    tubes = [solid(path, step) for path in (trachea, right, left)]
    # At the carina tubes overlap; air there counts once.
    return np.minimum(splat(frame, tubes), np.float32(0.19 * radius))


def gas_thickness(build: Build, pose: Pose, chest: Chest, frame: Frame, rng: np.random.Generator) -> Array:
    """Return the (H, W) gas thickness in cm under the left dome, with an air-fluid level if standing."""
    x, y = frame.grid
    gas = np.zeros_like(x)
    top_x, top_y = chest.domes[1].top
    bubbles: list[tuple[float, float, float, float, float]] = []
    if pose.gas:
        wide, tall = 0.55 * pose.gas, 0.32 * pose.gas
        level = 0.15 if pose.view == "PA" else 1.0
        bubbles.append((top_x - rng.uniform(5, 25), top_y + tall + rng.uniform(4, 9), wide, tall, level))
    if pose.bowel:
        at_x = top_x + rng.uniform(5, 25)
        for number in range(int(rng.integers(2, 5))):
            size = rng.uniform(11, 19)
            bubbles.append((at_x - 19 * number, top_y + 42 + rng.uniform(-7, 12), size, 0.85 * size, 1.0))
    for at_x, at_y, wide, tall, level in bubbles:
        off_x, off_y = (x - np.float32(at_x)) / np.float32(wide), (y - np.float32(at_y)) / np.float32(tall)
        bend = 0.12 * np.sin(3 * off_x + at_x)
        deep = np.sqrt(np.clip(1 - off_x * off_x - (off_y + bend) ** 2, 0, None))
        shut = np.clip((level - off_y) * np.float32(tall / 1.5), 0, 1)
        gas = np.maximum(gas, deep * shut * np.float32(0.11 * wide))
    return gas
