"""Check that a mask has the size of its image."""

from __future__ import annotations

from pathlib import Path

from cxrtk.data.pixels.dispatch import displayed_size
from cxrtk.errors import CxrReadError


def check_fit(
    path: str | Path, size: tuple[int, ...], image: str | Path, *, where: str = "", cure: str | None = None
) -> None:
    """Refuse a mask of another size than its image; masks are never resized to fit.

    Args:
        path: Path of the mask file.
        size: (H, W) of the mask.
        image: Path of the image; for a PNG only the header is read.
        where: Location in the file, such as ``"line 7: "``.
        cure: Remedy for the error message.

    Raises:
        CxrReadError: The sizes differ, or the image cannot be read.
    """
    height, width = displayed_size(image)
    if size != (height, width):
        what = f"{where}is {size[1]} x {size[0]} pixels, but its image {image} is {width} x {height}"
        raise CxrReadError(path, what, cure=cure or "make both the same size", code="size")
