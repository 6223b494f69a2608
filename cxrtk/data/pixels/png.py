"""PNG and JPEG files with one grey channel, at full bit depth."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from cxrtk.api import Radiograph
from cxrtk.data.pixels.content import MAX_PIXELS, read_bytes, shown
from cxrtk.data.pixels.decode import Decoded, Samples, decode
from cxrtk.data.pixels.flags import refuse_flagged
from cxrtk.data.pixels.picture_flags import picture_flags
from cxrtk.errors import CxrReadError

TINT: Final = 4  # of 255 (1028 of 65535): channels that are no further apart are grey

logger = logging.getLogger(__name__)


def read_png(path: str | Path, *, max_pixels: int = MAX_PIXELS, refuse: Sequence[str] = ()) -> Radiograph:
    """Read a PNG or JPEG file, detected by content, with one grey channel.

    8 bits are divided by 255 and 16 bits by 65535, whatever the maximum of the image. RGB, palettes and alpha
    are accepted where the channels are equal, or at most 4 of 255 apart (flag ``tinted``), and every pixel
    is opaque. Pixels are returned as stored: an
    EXIF orientation is reported once and not applied. Resolutions (pHYs, JFIF, EXIF) refer to print or
    screen, so there is never a spacing.

    Args:
        path: Path of the file.
        max_pixels: Maximum number of pixels; larger images are refused before decoding.
        refuse: Flags (`cxrtk.pixels.FLAGS`) that make the file an error, such as ``["no_end"]``.

    Raises:
        CxrReadError: The file is missing, damaged, truncated, neither PNG nor JPEG, in colour, transparent,
            1-bit, or of an implausible size.
    """
    decoded = decode(path, read_bytes(path), max_pixels=max_pixels)
    _mention(str(path), decoded)
    if decoded.bits == 1:
        cure = "use it as a mask, not as a radiograph"
        raise CxrReadError(path, "is a 1-bit image", cure=cure, code="one_bit")
    if not decoded.opaque:
        cure = "save it without alpha"
        raise CxrReadError(path, "has transparent pixels", cure=cure, code="transparent")
    grey, apart = one_channel(path, decoded.colours)
    full = int(np.iinfo(grey.dtype).max)
    flags = dict(decoded.flags)
    if apart:
        flags["tinted"] = f"channels up to {apart} of {full} apart; the middle one is used"
    meta: dict[str, Any] = {"format": decoded.kind, "mode": decoded.mode, "bits": decoded.bits}
    meta |= {"range": [0, full], "flags": flags}
    if decoded.orientation:
        meta["exif_orientation_ignored"] = decoded.orientation
        flags["exif_orientation"] = f"EXIF orientation {decoded.orientation}"
    if grey.min() == grey.max():
        flags["constant"] = "all pixels are equal"
    scaled = np.divide(grey, full, dtype=np.float32)
    flags |= picture_flags(scaled)
    refuse_flagged(path, flags, refuse)
    return Radiograph(scaled, meta=meta)


def one_channel(path: str | Path, colours: Samples) -> tuple[Samples, int]:
    """Reduce (H, W, C) grey colours to (H, W), and return by how much the channels differ at most.

    Channels that are at most `TINT` of 255 apart, as film scanners, exports and JPEG's rounding leave them,
    are taken as grey: of each pixel the middle one of three, so that nothing is rounded or weighted.

    Raises:
        CxrReadError: The channels differ by more.
    """
    first = colours[..., 0]
    if all(np.array_equal(first, colours[..., channel]) for channel in range(1, colours.shape[-1])):
        return first, 0
    full = int(np.iinfo(colours.dtype).max)
    least, most = colours.min(axis=-1), colours.max(axis=-1)
    apart = int((most - least).max())
    if apart <= TINT * full // 255:
        total = colours.sum(axis=-1, dtype=np.uint32)
        return (total - least - most).astype(colours.dtype), apart
    most = TINT * full // 255
    what = f"is a colour image (its channels differ by up to {apart} of {full}, more than {most})"
    raise CxrReadError(path, what, cure="leave it out, or save it as grey if it is an X-ray", code="colour")


def _mention(path: str, decoded: Decoded) -> None:
    if decoded.kind == "JPEG" and path.lower().endswith(".png"):
        _warn_once(path, "is a JPEG (lossy) in spite of its name")
    if decoded.orientation:
        _warn_once(path, f"its EXIF orientation {decoded.orientation} is ignored; pixels stay as stored")


@lru_cache(maxsize=4096)
def _warn_once(path: str, what: str) -> None:
    """Log a warning once instead of in every epoch."""
    logger.warning("%s: %s.", shown(path), what)
