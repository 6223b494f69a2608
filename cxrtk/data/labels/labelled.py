"""Shared parts of the readers of published tables: images found by name, and a count of omitted rows."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import Radiograph, Reader
from cxrtk.data.labels.tables import read_cases
from cxrtk.data.pixels.dispatch import read
from cxrtk.data.pixels.listing import is_image_name, stem_of, walk_files
from cxrtk.errors import CxrReadError, DataError

_SHOWN = 5
MOST_OUTSIDE = 1.0  # maximum number of pixels by which a box may exceed its image

logger = logging.getLogger(__name__)


class TableReader(Reader):
    """Reader of images and columns listed in a table; subclasses fill `rows`.

    Attributes:
        rows: One item per image, as `items` returns it.
        table: Path of the table.
    """

    rows: list[dict[str, Any]]
    table: Path

    def items(self) -> list[dict[str, Any]]:
        """List one dict per image, in the order of the table; the class documents the columns."""
        return [dict(row) for row in self.rows]

    def read(self, path: str | Path) -> Radiograph:
        """Read an image of any supported format; see `cxrtk.pixels.read`."""
        return read(path)


def find_table(root: str | Path, names: Sequence[str], table: str | Path | None = None) -> Path:
    """Return the table that is named, or the first of `names` in `root`, plain or ``.gz``.

    Raises:
        DataError: The folder, or the table, does not exist; the message names the tables looked for.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError(f"{root.resolve()}: no such folder; check root.")
    wanted = (
        [root / table]
        if table is not None
        else [root / f"{name}{end}" for name in names for end in ("", ".gz")]
    )
    for path in wanted:
        if path.is_file():
            return path
    looked = str(table) if table is not None else ", ".join(names)
    raise DataError(
        f"{root.resolve()}: has no table {looked}; put it there, or name it by table= "
        "(--set reader#table=...)."
    )


def images_by_stem(root: Path) -> dict[str, str]:
    """Return stem -> path of all images below a folder, tables and hidden files apart.

    Raises:
        DataError: There is no image, or two share a stem.
    """
    found: dict[str, str] = {}
    for path in walk_files(root):
        stem = stem_of(path.name)
        if not is_image_name(path.name) or stem == path.name:
            continue
        if found.setdefault(stem, str(path)) != str(path):
            raise DataError(f"{path}: has the stem of {found[stem]}; remove one of them.")
    if not found:
        raise DataError(f"No images in {root.resolve()}; put them below it.")
    return found


def image_at(root: Path, name: str, drop: Sequence[str] = ()) -> Path:
    """Return the path below `root` that a table's cell names.

    Args:
        root: Folder of the data set.
        name: Path as written.
        drop: Top folders that may or may not exist, both in `name` and on disk.

    Raises:
        ValueError: The path leads out of `root`.
    """
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise ValueError(f"{name[:80]!r} is not a path below the images")
    for folder in drop:
        if (root / folder).is_dir():
            return root / folder / PurePosixPath(*(parts[1:] if parts[0] in drop else parts))
    return root / PurePosixPath(*(parts[1:] if parts[0] in drop else parts))


def report_rows(
    table: Path, kept: int, left_out: Mapping[str, int], images: Iterable[str] = (), why: str = ""
) -> None:
    """Log how many rows were kept and left out, and refuse a table with no row left.

    Args:
        table: Path of the table.
        kept: Number of images that are listed.
        left_out: Reason in words -> number of rows, such as ``{"have no image": 3}``.
        images: Names in rows without an image, used as examples in the message.
        why: Description of the images' layout, for the error.

    Raises:
        DataError: No image is kept.
    """
    said = "; ".join(f"{count} {reason}" for reason, count in left_out.items() if count) or "none left out"
    some = ", ".join(list(images)[:_SHOWN])
    if not kept:
        raise DataError(f"{table}: no row is left to read: {said}{f' ({some})' if some else ''}; {why}.")
    log = logger.warning if any(left_out.values()) else logger.info
    log("%s: %d images are listed; %s%s.", table, kept, said, f" ({some})" if some else "")


def patients_of(table: str | Path | None, images: Mapping[str, str]) -> dict[str, str]:
    """Return stem -> patient from a table (``image``, ``patient``); without one, each image has its own.

    Raises:
        DataError: The table cannot be read, has no such columns, or no row for an image.
    """
    if table is None:
        return {stem: stem for stem in images}
    rows, _ = read_cases(table, images, key="image", patient="patient")
    return {stem: rows[stem]["patient"] for stem in images}


def box_mask(
    boxes: Sequence[tuple[float, float, float, float]], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Fill boxes: (H, W) uint8, 1 where a pixel's centre lies in any of them.

    Args:
        boxes: Left, upper, right and lower edge of each, in pixels from the image's upper left corner.
        size: (H, W) of the image.

    Raises:
        ValueError: A box is not finite, has no area, or lies outside the image by more than a pixel.
    """
    mask = np.zeros(size, np.uint8)
    height, width = size
    for left, top, right, bottom in boxes:
        if not (np.isfinite([left, top, right, bottom]).all() and left < right and top < bottom):
            raise ValueError(f"the box {left:g}, {top:g}, {right:g}, {bottom:g} has no area")
        if min(left, top) < -MOST_OUTSIDE or right > width + MOST_OUTSIDE or bottom > height + MOST_OUTSIDE:
            corners = f"{left:g}, {top:g}, {right:g}, {bottom:g}"
            raise ValueError(f"the box {corners} lies outside the image of {width} x {height} pixels")
        across = slice(*(int(np.clip(np.ceil(edge - 0.5), 0, size[1])) for edge in (left, right)))
        down = slice(*(int(np.clip(np.ceil(edge - 0.5), 0, size[0])) for edge in (top, bottom)))
        mask[down, across] = 1
    return mask


def check_size_of(path: str | Path, wanted: tuple[int, int], size: tuple[int, int], image: str) -> None:
    """Refuse an image with a size other than that on which a table's masks are drawn.

    Raises:
        CxrReadError: The sizes differ.
    """
    if wanted != size:
        what = f"is about images of {wanted[1]} x {wanted[0]} pixels, but {image} is {size[1]} x {size[0]}"
        raise CxrReadError(path, what, cure="use the images as published", code="size")
