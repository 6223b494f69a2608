"""Reading of masks from GIF files, as distributed with the SCR database."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.data.pixels.content import MAX_PIXELS, check_size, kind_of, read_bytes, refuse
from cxrtk.data.pixels.decode import DECODE_ERRORS
from cxrtk.errors import CxrReadError

_BLACK = (0, 0, 0)
_MOST_COLOURS = 1 << 16  # a frame's palette has 256
_SCREEN_END = 13  # signature and logical screen descriptor


def read_gif_mask(path: str | Path) -> npt.NDArray[np.uint8]:
    """Read a mask: (H, W) uint8 in {0, 1}. Of at most two colours, black is outside and the other inside.

    Raises:
        CxrReadError: The file is not a GIF, or is damaged, animated, or has other colours.
    """
    data = read_bytes(path)
    if kind_of(data) != "GIF":
        raise refuse(path, data, "name a GIF file, or correct its suffix")
    picture = decode_gif(path, data)
    # Not NumPy's `unique`, which sorts all pixels: a few bytes can declare millions of pixels.
    colours = picture.getcolors(_MOST_COLOURS)
    assert colours is not None
    others = sum(colour != _BLACK for _, colour in colours)
    if others > 1:
        what = f"holds {others} colours besides black where a mask has one"
        raise CxrReadError(path, what, cure="cut it at a threshold", code="values")
    inside: npt.NDArray[np.bool_] = np.asarray(picture).max(axis=-1) > 0
    return np.where(inside, np.uint8(1), np.uint8(0))


def decode_gif(path: str | Path, data: bytes) -> Image.Image:
    """Decode the bytes of a GIF file of one frame to a picture in RGB.

    Raises:
        CxrReadError: The file is damaged, truncated, animated, or of an implausible size.
    """
    if len(data) < _SCREEN_END:
        raise CxrReadError(path, "is truncated in its header", cure="copy it again", code="truncated")
    width, height = struct.unpack_from("<HH", data, 6)
    check_size(path, height, width, MAX_PIXELS)
    try:
        image = Image.open(io.BytesIO(data), formats=["GIF"])
        check_size(path, image.height, image.width, MAX_PIXELS)
        frames = getattr(image, "n_frames", 1)
        picture = image.convert("RGB")
    except DECODE_ERRORS as error:
        what = "is a damaged or truncated GIF"
        raise CxrReadError(path, what, cure="copy it again", code="damaged") from error
    if frames != 1:
        raise CxrReadError(path, f"holds {frames} frames", cure="save the one to read", code="multi_frame")
    return picture
