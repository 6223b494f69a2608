"""Contact sheet of the flagged images, each with its mask, its name and the issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cxrtk.api import Reader
from cxrtk.data.check.issue import Issue
from cxrtk.data.overlay import overlay
from cxrtk.errors import CxrError

MOST_TILES = 48
_TILE = 192  # side in pixels
_LINE, _LINES, _FONT, _GAP = 14, 2, 11, 6
_COLUMNS = 6


def contact_sheet(
    reader: Reader, issues: Sequence[Issue], item_of: Mapping[str, Mapping[str, Any]]
) -> Image.Image | None:
    """Return an RGB sheet of the first 48 images named by the issues, or ``None`` where they name none.

    An image is shown once, under its first issue. An image that cannot be read is a grey tile, as is one
    with burned-in text according to its header, since that may name the patient.

    Args:
        reader: Reader that reads the images again.
        issues: Issues in the order of the sheet.
        item_of: Name of an image -> the reader's item.
    """
    chosen: dict[str, str] = {}
    unreadable = {name for issue in issues if issue.code == "unreadable" for name in issue.images}
    for issue in issues:
        for name in issue.images:
            if name in item_of:
                chosen.setdefault(name, issue.code)
    shown = list(chosen.items())[:MOST_TILES]
    if not shown:
        return None
    height = _TILE + _LINES * _LINE + _GAP
    rows = -(-len(shown) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * (_TILE + _GAP), rows * height), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT)
    for place, (name, code) in enumerate(shown):
        left, top = place % _COLUMNS * (_TILE + _GAP), place // _COLUMNS * height
        # An image that failed by timeout is not tried again.
        tile = _blank() if name in unreadable else _tile(reader, item_of[name])
        sheet.paste(tile, (left, top))
        for number, line in enumerate((code, name)):
            draw.text(
                (left + 2, top + _TILE + number * _LINE), _cut(line, draw, font), fill="black", font=font
            )
    return sheet


def _tile(reader: Reader, item: Mapping[str, Any]) -> Image.Image:
    tile = _blank()
    try:
        image = reader.read(item["image"])
        if "burned_in" in image.meta.get("flags", {}):
            return tile
        mask = _mask(reader, item, image.pixels.shape)
    except CxrError:  # already an issue; its tile stays grey
        return tile
    picture = Image.fromarray(overlay(image.pixels, mask, contour=True))
    picture.thumbnail((_TILE, _TILE))
    tile.paste(picture, ((_TILE - picture.width) // 2, (_TILE - picture.height) // 2))
    return tile


def _blank() -> Image.Image:
    return Image.new("RGB", (_TILE, _TILE), (64, 64, 64))


def _mask(reader: Reader, item: Mapping[str, Any], size: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return the lung mask, or an empty one where the label has none of the image's size."""
    try:
        label = reader.read_label(item)
        lungs = None if label is None else label.lungs()
    except Exception:  # noqa: BLE001 - plugin boundary; an unreadable label is already an issue
        lungs = None
    return lungs if lungs is not None and lungs.shape == size else np.zeros(size, np.uint8)


def _cut(line: str, draw: ImageDraw.ImageDraw, font: Any) -> str:
    """Cut off the beginning of a text that is too long, as the end of a path is more informative."""
    if draw.textlength(line, font=font) <= _TILE:
        return line
    while line and draw.textlength(f"...{line}", font=font) > _TILE:
        line = line[1:]
    return f"...{line}"
