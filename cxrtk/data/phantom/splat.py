"""Line integrals by splatting: point masses are distributed onto the surrounding pixels.

Where a rib turns into the beam, or its cortex is seen edge-on, points accumulate and the shadow darkens, as
on film.
"""

from __future__ import annotations

import numpy as np

from cxrtk.data.phantom.frame import Array, Frame

Mass = tuple[Array, Array, Array]  # x and y in mm, volume in mm3; (N,) each


def splat(frame: Frame, parts: list[Mass]) -> Array:
    """Accumulate points with a volume to a thickness map.

    Args:
        frame: The image geometry.
        parts: Points with their volumes.

    Returns:
        (H, W) thickness in cm, distributed bilinearly; points outside the image are dropped.
    """
    width = frame.size + 2  # one pixel of margin on each side, cropped below
    places, shares = [], []
    for x, y, volume in parts:  # one at a time: several times faster, as it fits the CPU cache
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
