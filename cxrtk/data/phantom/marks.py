"""Side markers and the edges of the collimated field."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cxrtk.data.phantom.frame import Array


def letter(size: int, rng: np.random.Generator) -> Array:
    """Return the (H, W) coverage in [0, 1] of a side marker, R or L; one image in six has none."""
    cover = Image.new("L", (size, size))
    if rng.random() > 1 / 6:
        right = rng.random() < 0.5
        height = size * rng.uniform(0.035, 0.06)
        x = rng.uniform(0.02, 0.09) * size
        y = rng.uniform(0.02, 0.24) * size
        font = ImageFont.load_default(size=max(height * 1.35, 6.0))
        patch = Image.new("L", (int(3 * height) + 8,) * 2)
        pen = ImageDraw.Draw(patch)
        middle = patch.width / 2
        pen.text((middle, middle), "R" if right else "L", fill=255, font=font, anchor="mm")
        if rng.random() < 0.25:
            box = [middle - height, middle - height, middle + height, middle + height]
            pen.ellipse(box, outline=255, width=max(1, int(0.1 * height)))
        patch = patch.rotate(float(rng.normal(0, 6)), Image.Resampling.BILINEAR)
        left = x if right else size - x - 2 * height
        cover.paste(patch, (int(left + height - middle), int(y + height - middle)))
    return np.asarray(cover, np.float32) * np.float32(1 / 255)


def field(size: int, rng: np.random.Generator) -> tuple[Array, float]:
    """Return the exposed field, (H, W) in [0, 1], and the grey value outside it.

    The collimated area is white or black. Seven images in ten show no edge.
    """
    cover = np.ones((size, size), np.float32)
    if rng.random() > 0.3:
        return cover, 0.0
    at = np.arange(size, dtype=np.float32) / size
    edges = np.where(rng.random(4) < 0.55, rng.uniform(0.005, 0.045, 4), -1.0)
    slant = rng.normal(0, 0.006, 4)
    soft = np.float32(1 / 0.004)
    for edge, lean, (near, along) in zip(
        edges,
        slant,
        ((at[:, None], at), (1 - at[:, None], at), (at, at[:, None]), (1 - at, at[:, None])),
        strict=True,
    ):
        cover *= np.clip((near - np.float32(edge) - np.float32(lean) * along) * soft, 0, 1)
    return cover, (0.0 if rng.random() < 0.5 else float(rng.uniform(0.9, 1.0)))
