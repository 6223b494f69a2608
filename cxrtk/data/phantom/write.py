"""Write phantoms out in the NIH's layout, whole or not at all."""

from __future__ import annotations

import csv
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from cxrtk.data.phantom.draw import Phantom, draw
from cxrtk.data.phantom.series import Entry, series
from cxrtk.errors import DataError

ABOUT = "phantom.json"
VERSION = 1  # of what a seed draws; another number, another set
NIH_COLUMNS = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
).split(",")

logger = logging.getLogger(__name__)


def write_nih(folder: str | Path, count: int = 96, seed: int = 0, size: int = 512) -> Path:
    """Write `count` phantoms in the layout of NIH ChestX-ray14, with masks beside them.

    ``images/<stem>.png`` (8-bit grey), ``masks/<stem>.png`` (0 or 255, both lungs), ``labels/<stem>.png``
    (0 background, 1 right lung, 2 left lung, 3 heart), ``Data_Entry_2017.csv``, and ``masks/about.json``, which
    says that the masks are exact and leave the heart out. About a quarter of the images are second ones of a
    patient. A folder that already holds this set is left as it is.

    Args:
        folder: Made by this call; appears only when it is complete.
        count: Images.
        seed: Seed of the set.
        size: Height and width in pixels.

    Returns:
        `folder` as a path.

    Raises:
        DataError: The folder exists and holds something else.
    """
    folder = Path(folder)
    about = {"count": count, "seed": seed, "size": size, "version": VERSION}
    if folder.exists():
        _refuse_other(folder, about)
        return folder
    # The name is fixed, so that what a killed run leaves is taken away by the next.
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for name in ("images", "masks", "labels"):
        (part / name).mkdir(parents=True)
    entries = series(count, seed)
    with (part / "Data_Entry_2017.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(NIH_COLUMNS)
        for entry in tqdm(entries, desc="Drawing phantoms", disable=None if count > 8 else True):
            phantom = draw(entry.seed, size, patient=entry.patient_seed)
            _save(part, entry.stem, phantom)
            table.writerow(_row(entry, phantom))
    (part / "masks" / "about.json").write_text(
        json.dumps({"truth": "exact", "heart": "excluded", "made_by": "cxrtk.phantom", **about}) + "\n"
    )
    (part / ABOUT).write_text(json.dumps(about) + "\n")
    part.rename(folder)
    return folder


def sample(folder: str | Path = "data/phantom") -> Path:
    """The built-in sample set: 96 phantoms of 256 x 256, written on first use."""
    return write_nih(folder, count=96, seed=0, size=256)


def _refuse_other(folder: Path, about: dict[str, Any]) -> None:
    try:
        found = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{folder.resolve()}: is no phantom set ({error}); move it, or name another."
        ) from error
    if found != about:
        raise DataError(
            f"{folder.resolve()}: holds the phantom set {found}, not {about}; delete it, or name another."
        )


def _save(folder: Path, stem: str, phantom: Phantom) -> None:
    lungs = phantom.right_lung | phantom.left_lung
    labels = phantom.right_lung + 2 * phantom.left_lung + 3 * phantom.heart
    for name, array in (
        ("images", np.round(phantom.pixels * 255.0).astype(np.uint8)),
        ("masks", lungs * np.uint8(255)),
        ("labels", labels.astype(np.uint8)),
    ):
        Image.fromarray(array).save(folder / name / f"{stem}.png")


def _row(entry: Entry, phantom: Phantom) -> list[Any]:
    height, width = phantom.pixels.shape
    row_mm, column_mm = phantom.spacing_mm
    meta = phantom.meta
    who = [
        f"{entry.stem}.png",
        "No Finding",
        entry.follow_up,
        entry.patient,
        meta["age"],
        meta["sex"],
        meta["view"],
    ]
    return [*who, width, height, column_mm, row_mm]
