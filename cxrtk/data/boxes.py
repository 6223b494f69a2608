"""Bounding boxes of findings, as published by the NIH with ChestX-ray14 in ``BBox_List_2017.csv``."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

from cxrtk.data.findings import FINDINGS
from cxrtk.errors import ConfigError, DataError

TABLE: Final = "BBox_List_2017.csv"
SIDE: Final = 1024  # rows and columns of the NIH's published images; its boxes are in their pixels
# The header has a comma inside its brackets and three extra names; a row has six cells.
HEADER: Final = "Image Index,Finding Label,Bbox [x,y,w,h],,,"
_CELLS = 6
_SYNONYMS: Mapping[str, str] = {
    "Infiltrate": "Infiltration"
}  # name in this table -> name in Data_Entry_2017.csv
_ROUNDING = 1e-6  # pixels that a box may exceed the image by, for rounding


@dataclass(frozen=True)
class FindingBox:
    """Bounding box of one finding.

    Attributes:
        image: File name of the image, such as ``00013118_008.png``.
        finding: One of `cxrtk.data.findings.FINDINGS`.
        x: Left edge in pixels; 0 is the left edge of the first column, not its centre.
        y: Upper edge; 0 is the upper edge of the first row.
        width: Width in pixels, above 0.
        height: Height in pixels, above 0.
    """

    image: str
    finding: str
    x: float
    y: float
    width: float
    height: float

    @property
    def stem(self) -> str:
        """The file name without its suffix."""
        return self.image.removesuffix(".png")

    @property
    def patient(self) -> str:
        """Patient of the image; see `patient_of`."""
        return patient_of(self.image)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height


def patient_of(image: str) -> str:
    """Return the patient of an NIH file; its name begins with the patient's number.

    >>> patient_of("00013118_008.png")
    '00013118'
    """
    return image.removesuffix(".png").partition("_")[0]


def read_boxes(path: str | Path) -> list[FindingBox]:
    """Read the boxes of a table in the NIH's layout, plain or ``.gz``, in its order.

    The NIH's own table has 984 boxes on 880 images, for eight of the fourteen findings; all lie inside their
    images. Its ``Infiltrate`` is called ``Infiltration`` in ``Data_Entry_2017.csv`` and is returned under
    that name. One image may have several boxes, also of one finding.

    Returns:
        Boxes in pixels of the 1024 x 1024 image, whatever the size of the files; see `scale_box`.

    Raises:
        DataError: The table cannot be read or has another layout, or a line is invalid; names the line.
    """
    path = Path(path)
    boxes = []
    try:
        with _open(path) as file:
            table = csv.reader(file)
            _check_header(path, next(table, []))
            for line in filter(None, table):
                try:
                    boxes.append(_box(line))
                except ValueError as error:
                    raise DataError(f"{path}: line {table.line_num}: {error}; correct it.") from error
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}; copy it again.") from error
    return boxes


def write_boxes(path: str | Path, boxes: Iterable[FindingBox]) -> None:
    """Write boxes, given in pixels of 1024 x 1024, in the NIH's layout; `read_boxes` reads them back."""
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        rows = ((box.image, box.finding, box.x, box.y, box.width, box.height) for box in boxes)
        csv.writer(file, lineterminator="\n").writerows(rows)


def scale_box(box: FindingBox, shape: tuple[int, int], of: tuple[int, int] = (SIDE, SIDE)) -> FindingBox:
    """Scale a box to an image of another size.

    Args:
        box: Box in pixels of an image of size `of`.
        shape: (rows, columns) of the target image.
        of: (rows, columns) of the image that the box refers to.

    Raises:
        ConfigError: A side is below 1.

    >>> scale_box(FindingBox("a.png", "Mass", 512.0, 256.0, 128.0, 64.0), (256, 512))
    FindingBox(image='a.png', finding='Mass', x=256.0, y=64.0, width=64.0, height=16.0)
    """
    if min(*shape, *of) < 1:
        raise ConfigError(f"An image has at least one row and one column, not {tuple(shape)} or {tuple(of)}.")
    down, across = shape[0] / of[0], shape[1] / of[1]
    return replace(box, x=box.x * across, y=box.y * down, width=box.width * across, height=box.height * down)


def _open(path: Path) -> IO[str]:
    """Open a plain or gzipped text file, dropping a byte-order mark."""
    opened = gzip.open if path.suffix == ".gz" else open
    return opened(path, "rt", newline="", encoding="utf-8-sig")


def _check_header(path: Path, header: Sequence[str]) -> None:
    if [name.strip() for name in header[:_CELLS]] != HEADER.split(",")[:_CELLS]:
        raise DataError(f"{path}: line 1: is {','.join(header)!r}, not {HEADER!r}; is it the NIH's {TABLE}?")


def _box(line: Sequence[str]) -> FindingBox:
    """Parse one line of the table; raises ValueError for an invalid one."""
    if len(line) < _CELLS or any(cell.strip() for cell in line[_CELLS:]):
        raise ValueError(f"has {len(line)} cells, not {_CELLS}")
    image, finding = line[0].strip(), line[1].strip()
    finding = _SYNONYMS.get(finding, finding)
    if not image:
        raise ValueError("names no image")
    if finding not in FINDINGS:
        raise ValueError(f"{finding!r} is none of {', '.join([*FINDINGS, *_SYNONYMS])}")
    x, y, width, height = map(float, line[2:_CELLS])
    if not all(map(math.isfinite, (x, y, width, height))) or min(x, y) < 0 or min(width, height) <= 0:
        raise ValueError(f"x {x}, y {y}, width {width}, height {height} is not a box")
    if max(x + width, y + height) > SIDE + _ROUNDING:
        raise ValueError(f"the box ends at ({x + width}, {y + height}), beyond the image's {SIDE} pixels")
    return FindingBox(image, finding, x, y, width, height)
