"""A folder in the layout of the NIH, and the reader of it."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cxrtk import Reader, readers

# The header as the NIH writes it: two bracketed names hold a comma, and the line ends with one.
HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
)
ROWS = (
    "00000001_000.png,Cardiomegaly,0,1,58,M,PA,2682,2749,0.143,0.143,",
    "00000001_001.png,Cardiomegaly|Emphysema,1,1,58,M,PA,2894,2729,0.143,0.139,",
    "00000013_003.png,No Finding,3,13,60,F,AP,2500,2048,0.168,0.171,",
)
STEMS = [row[:12] for row in ROWS]
Make = Callable[..., Path]


def maker(folder: Path) -> Make:
    """A function that writes into a folder the images named, each of 20 x 30 pixels (H x W), and a table."""

    def make(
        *images: str,
        rows: tuple[str, ...] = ROWS,
        table: str | None = "Data_Entry_2017.csv",
        header: str = HEADER,
    ) -> Path:
        for number, name in enumerate(images):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((20, 30), number, np.uint8)).save(path, "PNG")
        if table is not None:
            text = "\n".join((header, *rows)) + "\n"
            opened = gzip.open if table.endswith(".gz") else open
            with opened(folder / table, "wt", encoding="utf-8", newline="") as file:
                file.write(text)
        return folder

    return make


def reader_of(root: Path, **arguments: Any) -> Reader:
    return readers.create("nih_png", root=str(root), **arguments)


def stems(reader: Reader) -> list[str]:
    return [Path(item["image"]).stem for item in reader.items()]


LAYOUTS = {
    "the twelve archives": [
        f"images_001/images/{STEMS[0]}.png",
        f"images_002/images/{STEMS[1]}.png",
        f"images_012/images/{STEMS[2]}.png",
    ],
    "archives without an inner folder": [
        f"images_00{number}/{stem}.png" for number, stem in enumerate(STEMS, 1)
    ],
    "one folder": [f"images/{stem}.png" for stem in STEMS],
    "one folder and one archive": [
        f"images/{STEMS[0]}.png",
        f"images_002/images/{STEMS[1]}.png",
        f"images_003/images/{STEMS[2]}.png",
    ],
    "the root itself": [f"{stem}.png" for stem in STEMS],
    "capital suffix": [f"images/{stem}.PNG" for stem in STEMS],
}
