"""The vertebral column: bodies with end plates, discs, pedicles and spinous processes."""

from __future__ import annotations

import numpy as np

from cxrtk.data.phantom.anatomy import Build
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Curve, Frame, chord
from cxrtk.data.phantom.ribs import vertebra_y

_STRIP = 46.0  # half width in mm of the strip that contains the spine


def spine_thickness(build: Build, chest: Chest, frame: Frame) -> Array:
    """Return the (H, W) thickness of cortical bone in cm."""
    x, y = frame.grid
    out = np.zeros_like(x)
    tops = vertebra_y(build)
    number = np.arange(len(tops))
    index = Curve(tops, number)
    lean = Curve([tops[0], 60, 160, tops[-1]], [0, build.curve, -build.curve, 0], smooth_mm=20)
    columns = np.flatnonzero((np.abs(x) < _STRIP + 6).any(axis=0))
    if not columns.size:
        return out
    strip = slice(int(columns[0]), int(columns[-1]) + 1)
    x, y = x[:, strip] - lean(y[:, strip]), y[:, strip]

    place = index(y)
    part = place - np.floor(place)  # 0 at the top of a vertebra, 1 at the top of the next one
    pitch = Curve(tops[:-1], np.diff(tops))(y)
    half = Curve([tops[0], tops[3], tops[9], tops[-1]], [13, 15, 15.5, 24])(y)
    waist = half * (1 - 0.13 * chord(np.clip((part - 0.41) / 0.42, -1, 1)))

    gap = np.clip((part - 0.82) * pitch, 0, None)  # the disc
    body = np.clip(1.2 - gap, 0, 1) * np.clip(part * pitch * np.float32(0.8), 0, 1)
    depth = np.float32(0.95) * half + 12
    bone = 0.10 * depth * chord(np.clip(x / waist, -1, 1), 6) * body
    ends = np.minimum(part, np.abs(part - 0.82)) * pitch
    bone += 2.6 * np.exp(-((ends - 0.7) ** 2) / 1.1) * chord(np.clip(x / waist, -1, 1), 8)
    edge = np.abs(np.abs(x) - waist + 0.6)
    bone += 2.2 * np.exp(-(edge**2) / 1.2) * body
    for at_x, at_y, wide, tall, rim, inside in (
        (0.62, 0.33, 4.2, 6.0, 2.6, 1.6),
        (0.0, 0.88, 3.0, 7.5, 2.8, 2.2),
    ):
        off = np.hypot((np.abs(x) - at_x * half) / wide, (part - at_y) * pitch / tall)
        bone += rim * np.exp(-(((off - 0.85) / 0.2) ** 2)) + inside * np.clip(1.1 - off, 0, 1)
    # Laminae, and transverse processes, which extend to the ribs.
    across = np.hypot(np.clip(np.abs(x) - 24, 0, None) / 5, (part - 0.22 + np.abs(x) * 0.003) * pitch / 4.6)
    bone += 2.2 * chord(across) * (np.abs(x) > 0.6 * half)
    out[:, strip] = bone * np.float32(build.bone / 10)
    return out
