"""Preview of one segmentation: outlines, widths of heart and chest, sides, flag and model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from cxrtk.api import Segmentation
from cxrtk.cardiothoracic import Diameter, diameters
from cxrtk.classes import HEART, LUNGS, SIDES
from cxrtk.data.overlay import outline
from cxrtk.data.pixels.percentiles import percentiles

# Longest side in pixels; smaller images are enlarged to the lower bound, so that text can be read.
SMALLEST, LARGEST = 640, 1024
PERCENTILES = (1, 99)  # shown as black and as white
FILL = 0.35  # opacity of the filled masks
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# Three colours of the colour-blind-safe palette of Okabe & Ito (2008).
BLUE, ORANGE, YELLOW = (86, 180, 233), (230, 159, 0), (240, 228, 66)
COLOURS = {**dict(zip(SIDES, (BLUE, ORANGE), strict=True)), HEART: YELLOW, LUNGS: BLUE}
LETTERS = dict(zip(SIDES, "RL", strict=True))

Colour = tuple[int, int, int]
Mask = npt.NDArray[np.bool_]


def preview(segmentation: Segmentation, *, fill: bool = False, side_by_side: bool = False) -> Image.Image:
    """Draw a segmentation: right lung in blue, left lung in orange, heart in yellow.

    If there is a cardiothoracic ratio, its two lines are drawn with their lengths: in millimetres if the file
    states a spacing, otherwise in pixels. The letters R and L mark the patient's right and left lung. Flag,
    ratio and model are written in the lower left corner.

    Args:
        segmentation: The segmentation.
        fill: Tint the inside of each mask as well.
        side_by_side: Place the plain image to the left of the picture.

    Returns:
        An RGB picture. Without the plain image, its longer side has between `SMALLEST` and `LARGEST` pixels.
    """
    plain = _shades(segmentation.radiograph.pixels)
    masks = {
        name: _resized(mask, plain.size)
        for name, mask in zip(segmentation.classes, segmentation.masks, strict=True)
    }
    painted = np.asarray(plain).copy()
    width = max(2, round(max(plain.size) / 400))
    for name, mask in masks.items():
        colour = np.array(COLOURS.get(name, WHITE))
        if fill:
            painted[mask] = ((1 - FILL) * painted[mask] + FILL * colour).round().astype(np.uint8)
        painted[outline(mask, width)] = colour
    picture = Image.fromarray(painted)
    _annotate(picture, segmentation, masks, width)
    if not side_by_side:
        return picture
    both = Image.new("RGB", (2 * picture.width, picture.height))
    both.paste(plain, (0, 0))
    both.paste(picture, (picture.width, 0))
    return both


def caption(measures: Mapping[str, Any], quality: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    """Return the text in the corner of a preview: flag, cardiothoracic ratio and model.

    >>> caption({"cardiothoracic_ratio": 0.5, "cardiothoracic_interval": [0.47, 0.53]},
    ...         {"flag": "ok", "score": 0.914}, {"name": "lungs"})
    'ok, score 0.91 | cardiothoracic ratio 0.50 (0.47 to 0.53) | model lungs'
    """
    words = []
    if quality:
        words.append(f"{quality['flag']}, score {quality['score']:.2f}")
    ratio, interval = (measures.get(f"cardiothoracic_{name}") for name in ("ratio", "interval"))
    if ratio is not None:
        ends = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
        words.append(f"cardiothoracic ratio {ratio:.2f}{ends}")
    if model:
        words.append(f"model {model['name']}")
    return " | ".join(words)


def _shades(pixels: npt.NDArray[np.float32]) -> Image.Image:
    """Stretch the contrast and resize; return an RGB picture."""
    low, high = percentiles(pixels, PERCENTILES)
    grey = np.clip((pixels - low) / max(high - low, 1e-6), 0.0, 1.0)
    picture = Image.fromarray((grey * 255).round().astype(np.uint8))
    longest = max(picture.size)
    scale = min(max(longest, SMALLEST), LARGEST) / longest
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    return picture.resize((size[0], size[1]), Image.Resampling.BICUBIC).convert("RGB")


def _resized(mask: npt.NDArray[np.uint8], size: tuple[int, int]) -> Mask:
    picture = Image.fromarray(mask * np.uint8(255)).resize(size, Image.Resampling.BILINEAR)
    resized: Mask = np.asarray(picture) >= 128
    return resized


def _annotate(
    picture: Image.Image, segmentation: Segmentation, masks: Mapping[str, Mask], width: int
) -> None:
    draw = ImageDraw.Draw(picture)
    size = max(14.0, max(picture.size) / 48)
    font = ImageFont.load_default(size)
    original = dict(zip(segmentation.classes, segmentation.masks, strict=True))
    measured = diameters(original)
    if measured is not None and segmentation.measures.get("cardiothoracic_ratio") is not None:
        scale = picture.width / segmentation.radiograph.pixels.shape[1]
        spacing = segmentation.measures.get("spacing_mm")
        for name, each in zip((HEART, None), measured, strict=True):
            colour = COLOURS[HEART] if name else WHITE
            _line(draw, each, scale, colour, width, _length(each, spacing), font)
    for name, letter in LETTERS.items():
        if name in masks and masks[name].any():
            _side(draw, masks[name], letter, COLOURS[name], font)
    words = caption(segmentation.measures, segmentation.quality, segmentation.model)
    margin = size / 2
    _text(draw, (margin, picture.height - margin), words, WHITE, font, anchor="ls")


def _length(diameter: Diameter, spacing: tuple[float, float] | None) -> str:
    """Return a length as text; `spacing` is the distance of rows and of columns in mm."""
    return f"{diameter.length} px" if spacing is None else f"{diameter.length * spacing[1]:.0f} mm"


def _line(
    draw: ImageDraw.ImageDraw,
    diameter: Diameter,
    scale: float,
    colour: Colour,
    width: int,
    words: str,
    font: Any,
) -> None:
    """Draw a width with a tick at both ends, and its length above its left part."""
    row, first, last = (
        (value + 0.5) * scale for value in (diameter.row, diameter.first, diameter.behind - 1)
    )
    tick = 4 * width
    ticks = [[(column, row - tick), (column, row + tick)] for column in (first, last)]
    for each in ([(first, row), (last, row)], *ticks):
        draw.line(each, fill=BLACK, width=width + 2)  # a dark edge keeps it visible on white bone
    for each in ([(first, row), (last, row)], *ticks):
        draw.line(each, fill=colour, width=width)
    _text(draw, (first + tick, row - tick), words, colour, font, anchor="ls")


def _side(draw: ImageDraw.ImageDraw, mask: Mask, letter: str, colour: Colour, font: Any) -> None:
    """Write a letter above the top of a lung, or at the edge of the picture."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    above = max(float(rows[0]) - font.size / 2, 1.5 * font.size)
    _text(draw, ((columns[0] + columns[-1]) / 2, above), letter, colour, font, anchor="ms")


def _text(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], words: str, colour: Colour, font: Any, anchor: str
) -> None:
    """Write text with a black edge, so that it is legible on any grey."""
    draw.text(place, words, fill=colour, font=font, anchor=anchor, stroke_width=2, stroke_fill=BLACK)
