"""Arrays -> small pictures: a grey one, and a see-through layer for each mask over it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.data.overlay import MASK_COLOUR
from cxrtk.report.data_uri import data_uri

Grey = npt.NDArray[np.uint8]
Size = tuple[int, int]  # (rows, columns)

WEBP_QUALITY = 70
FILL = 0.4  # opacity of a mask's inside, before the page's slider; that of its edge is 1
LEVELS = 16  # of opacity in a layer: 4 bits a pixel
PREVIEW_ALPHA = 0.4  # how `overlay` paints a preview


@dataclass(frozen=True)
class LayerStyle:
    """How one kind of mask looks on every picture of a page.

    Attributes:
        name: Of its CSS class and its switch: letters, digits and underscores.
        label: In words.
        colour: Red, green, blue.
    """

    name: str
    label: str
    colour: tuple[int, int, int]

    @property
    def css(self) -> str:
        """The colour as style sheets write it."""
        return "rgb({} {} {})".format(*self.colour)


@dataclass(frozen=True)
class Layer:
    """One mask: its style's name, and the picture."""

    name: str
    uri: str


@dataclass(frozen=True)
class Picture:
    """A grey picture and the masks that lie over it, all of one size."""

    width: int
    height: int
    uri: str
    layers: tuple[Layer, ...] = ()


def fit(size: Size, side: int) -> Size:
    """The size whose longer side is at most `side`; never larger than before.

    >>> fit((1000, 500), 100), fit((10, 20), 100)
    ((100, 50), (10, 20))
    """
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink(pixels: npt.NDArray[np.float32], size: Size) -> npt.NDArray[np.float32]:
    """(H, W) brought to a smaller size, each new pixel the mean of what it covers."""
    picture = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.float32))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BOX))


def stretched(pixels: npt.NDArray[np.float32]) -> Grey:
    """(H, W) -> 0 to 255, contrast stretched between percentiles 1 and 99 as in a preview."""
    low, high = np.percentile(pixels, (1, 99))
    return grey((pixels - low) / max(high - low, 1e-6))


def grey(values: npt.NDArray[np.floating]) -> Grey:
    """Values in [0, 1], others clipped, -> 0 to 255."""
    whole: Grey = (np.clip(values, 0.0, 1.0) * 255).round().astype(np.uint8)
    return whole


def coverage(mask: npt.NDArray[np.uint8], size: Size) -> Grey:
    """(H, W) of zeros and ones -> which share of each smaller pixel the mask covers, 0 to 255."""
    picture = Image.fromarray(mask * np.uint8(255))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BOX))


def layer_png(covered: Grey, colour: tuple[int, int, int]) -> bytes:
    """A mask in one colour as a PNG of `LEVELS` opacities: a faint inside and a plain edge."""
    padded = np.pad(covered, 1, mode="edge")  # the picture's border is no edge of the mask
    sides = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    inner = np.minimum.reduce([covered, *sides])
    opacity = covered - (1 - FILL) * inner  # inside: FILL; along the edge: as far as it is covered
    levels = (opacity / 255 * (LEVELS - 1)).round().astype(np.uint8)
    picture = Image.fromarray(levels)
    picture.putpalette(list(colour) * LEVELS)  # its shades become numbers of these colours
    transparency = bytes(round(255 * level / (LEVELS - 1)) for level in range(LEVELS))
    return _saved(picture, "PNG", transparency=transparency, bits=4)


def grey_webp(picture: Grey) -> bytes:
    """A grey picture, small."""
    return _saved(Image.fromarray(picture).convert("RGB"), "WEBP", quality=WEBP_QUALITY)


def coloured(picture: npt.NDArray[np.uint8]) -> Picture:
    """(H, W, 3) as it is, without layers."""
    content = _saved(Image.fromarray(picture), "WEBP", quality=WEBP_QUALITY)
    return Picture(picture.shape[1], picture.shape[0], data_uri(content, "image/webp"))


def without_mask(preview: npt.NDArray[np.uint8], covered: Grey) -> Grey:
    """The grey picture below a preview's mask, whose colour is known.

    Args:
        preview: (H, W, 3) as `cxrtk segment --preview` writes it.
        covered: (H, W): `coverage` of the mask it shows.

    Returns:
        (H, W), to within what JPEG changed; it changes colours more than brightness, so that is used.
    """
    weights = np.array([0.299, 0.587, 0.114])  # luma of JFIF
    share = PREVIEW_ALPHA * covered / 255.0
    below = (preview @ weights - share * float(weights @ MASK_COLOUR)) / (1.0 - share)
    return grey(below / 255.0)


def picture_of(shades: Grey, masks: Iterable[tuple[LayerStyle, npt.NDArray[np.uint8]]]) -> Picture:
    """A grey picture with masks (H, W) of zeros and ones, which may be larger; empty masks are left out."""
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
