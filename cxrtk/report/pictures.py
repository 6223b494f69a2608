"""Encoding of arrays as small pictures: a grey image, and a transparent layer per mask."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.report.data_uri import data_uri

Grey = npt.NDArray[np.uint8]
Size = tuple[int, int]  # (rows, columns)

WEBP_QUALITY = 70
FILL = 0.4  # opacity inside a mask, before the page's slider; its edge has opacity 1
LEVELS = 16  # number of opacities in a layer: 4 bits per pixel


@dataclass(frozen=True)
class LayerStyle:
    """Style of one kind of mask on all pictures of a page.

    Attributes:
        name: Name of its CSS class and its switch: letters, digits and underscores.
        label: Label in the legend.
        colour: Red, green and blue, 0 to 255.
    """

    name: str
    label: str
    colour: tuple[int, int, int]

    @property
    def css(self) -> str:
        """The colour in CSS notation."""
        return "rgb({} {} {})".format(*self.colour)


@dataclass(frozen=True)
class Layer:
    """One mask layer: the name of its style, and its picture."""

    name: str
    uri: str


@dataclass(frozen=True)
class Picture:
    """A grey picture with its mask layers, all of one size."""

    width: int
    height: int
    uri: str
    layers: tuple[Layer, ...] = ()


def fit(size: Size, side: int) -> Size:
    """Scale a size so that its longer side is at most `side`; never enlarges.

    >>> fit((1000, 500), 100), fit((10, 20), 100)
    ((100, 50), (10, 20))
    """
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink(pixels: npt.NDArray[np.float32], size: Size) -> npt.NDArray[np.float32]:
    """Downsample (H, W) pixels by area averaging."""
    picture = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.float32))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BOX))


def stretched(pixels: npt.NDArray[np.float32]) -> Grey:
    """Convert (H, W) pixels to 0 to 255, with contrast stretched from percentile 1 to 99 as in a preview."""
    low, high = np.percentile(pixels, (1, 99))
    return grey((pixels - low) / max(high - low, 1e-6))


def grey(values: npt.NDArray[np.floating]) -> Grey:
    """Convert values in [0, 1] to 0 to 255; values outside are clipped."""
    whole: Grey = (np.clip(values, 0.0, 1.0) * 255).round().astype(np.uint8)
    return whole


def coverage(mask: npt.NDArray[np.uint8], size: Size) -> Grey:
    """Downsample an (H, W) mask of zeros and ones to its coverage of each pixel, 0 to 255."""
    picture = Image.fromarray(mask * np.uint8(255))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BOX))


def layer_png(covered: Grey, colour: tuple[int, int, int]) -> bytes:
    """Encode a mask in one colour as a PNG of `LEVELS` opacities: translucent inside, opaque at the edge."""
    padded = np.pad(covered, 1, mode="edge")  # the border of the picture is no edge of the mask
    sides = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    inner = np.minimum.reduce([covered, *sides])
    opacity = covered - (1 - FILL) * inner  # FILL inside; along the edge, the coverage
    levels = (opacity / 255 * (LEVELS - 1)).round().astype(np.uint8)
    picture = Image.fromarray(levels)
    picture.putpalette(list(colour) * LEVELS)  # palette indices are opacities of one colour
    transparency = bytes(round(255 * level / (LEVELS - 1)) for level in range(LEVELS))
    return _saved(picture, "PNG", transparency=transparency, bits=4)


def grey_webp(picture: Grey) -> bytes:
    """Encode a grey picture as a small WebP."""
    return _saved(Image.fromarray(picture).convert("RGB"), "WEBP", quality=WEBP_QUALITY)


def coloured(picture: npt.NDArray[np.uint8]) -> Picture:
    """Encode an (H, W, 3) picture without layers."""
    content = _saved(Image.fromarray(picture), "WEBP", quality=WEBP_QUALITY)
    return Picture(picture.shape[1], picture.shape[0], data_uri(content, "image/webp"))


def picture_of(shades: Grey, masks: Iterable[tuple[LayerStyle, npt.NDArray[np.uint8]]]) -> Picture:
    """Combine a grey picture with (H, W) masks of zeros and ones, which may be larger; skip empty ones."""
    size = (shades.shape[0], shades.shape[1])
    layers = tuple(
        Layer(style.name, data_uri(layer_png(coverage(mask, size), style.colour), "image/png"))
        for style, mask in masks
        if mask.any()
    )
    return Picture(size[1], size[0], data_uri(grey_webp(shades), "image/webp"), layers)


def _saved(picture: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()
