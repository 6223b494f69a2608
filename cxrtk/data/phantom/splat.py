"""Points with a mass dropped onto the pixels around them: line integrals without any ray.

Where a rib turns into the beam, or where its cortex is seen edge-on, points crowd together and the shadow
darkens as it does on film.
"""

from __future__ import annotations

import numpy as np

from cxrtk.data.phantom.frame import Array, Frame

Mass = tuple[Array, Array, Array]  # x and y in mm, volume in mm3; (N,) each


def splat(frame: Frame, parts: list[Mass]) -> Array:
    """Points with a volume -> thickness.

    Args:
        frame: The image.
        parts: The points.

    Returns:
        (H, W) thickness in cm, shared out bilinearly; what falls beside the image is lost.
    """
    x, y, volume = (np.concatenate(values) for values in zip(*parts, strict=True))
    size = frame.size
    row, column = frame.to_pixels(x, y)
    inside = (row > -1) & (row < size) & (column > -1) & (column < size)
    row, column, volume = row[inside], column[inside], volume[inside]
    top, left = np.floor(row).astype(np.int32), np.floor(column).astype(np.int32)
    down, right = row - top, column - left
    width = size + 2  # one pixel of margin on each side, cut off below
    corner = (top + 1) * width + left + 1
    lower = volume * down
    upper = volume - lower
    mass = np.zeros(width * width)
    for place, weight in (
        (corner, upper * (1 - right)),
        (corner + 1, upper * right),
        (corner + width, lower * (1 - right)),
        (corner + width + 1, lower * right),
    ):
        mass += np.bincount(place, weight, minlength=width * width)
    cm = mass.reshape(width, width)[1:-1, 1:-1] / (frame.pixel_mm**2 * 10)
    return cm.astype(np.float32)
