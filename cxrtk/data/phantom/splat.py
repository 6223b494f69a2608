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
    width = frame.size + 2  # one pixel of margin on each side, cut off below
    places, shares = [], []
    for x, y, volume in parts:  # one at a time, as what fits the processor's cache goes several times faster
        row, column = (at + 1 for at in frame.to_pixels(x, y))
        inside = (row > 0) & (row < width - 1) & (column > 0) & (column < width - 1)
        row, column, volume = row[inside], column[inside], volume[inside]
        top, left = row.astype(np.intp), column.astype(np.intp)
        lower, right = volume * (row - top), column - left
        upper = volume - lower
        places.append(top * width + left)
        shares.append((upper - upper * right, upper * right, lower - lower * right, lower * right))
    place = np.concatenate(places)
    mass = np.zeros(width * width)
    for offset, share in zip((0, 1, width, width + 1), zip(*shares, strict=True), strict=True):
        mass += np.bincount(place + offset, np.concatenate(share), minlength=width * width)
    cm = mass.reshape(width, width)[1:-1, 1:-1] / (frame.pixel_mm**2 * 10)
    return cm.astype(np.float32)
