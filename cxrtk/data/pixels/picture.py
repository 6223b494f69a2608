"""Display image with a caption below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cxrtk.api import Radiograph

SIDE = 1024  # pixels, longest side
_MARGIN = 8
_LINE = 18
_FONT = 13


def picture(radiograph: Radiograph, caption: Sequence[str]) -> Image.Image:
    """Render 8-bit grey, at most 1024 a side; non-square pixels are resampled to square ones.

    Args:
        radiograph: Radiograph to show, without any further windowing.
        caption: Lines of text; long lines are cut.
    """
    image = Image.fromarray(np.rint(radiograph.pixels * 255).astype(np.uint8))
    row, column = radiograph.spacing_mm or radiograph.meta.get("PixelAspectRatio") or (1.0, 1.0)
    height, width = image.height * row, image.width * column
    scale = min(SIDE / max(height, width), 1 / min(row, column))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    whole = Image.new("L", (max(image.width, SIDE // 2), image.height + 2 * _MARGIN + _LINE * len(caption)))
    whole.paste(image, ((whole.width - image.width) // 2, 0))
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(_FONT)
    for number, line in enumerate(caption):
        draw.text((_MARGIN, image.height + _MARGIN + _LINE * number), line, fill=255, font=font)
    return whole
