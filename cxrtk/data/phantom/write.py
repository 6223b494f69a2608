"""Phantom sets as files, in the layout of NIH ChestX-ray14 with added masks."""

from __future__ import annotations

import csv
import json
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.data.atomic import write_json
from cxrtk.data.boxes import SIDE, FindingBox, read_boxes, scale_box, write_boxes
from cxrtk.data.boxes import TABLE as BOXES
from cxrtk.data.phantom.displace import Planted
from cxrtk.data.phantom.draw import Phantom, check_size
from cxrtk.data.phantom.shots import Shot, shots
from cxrtk.errors import DataError
from cxrtk.process.progress import track

VERSION = 1  # incremented when the same seeds give other images
FINDINGS_VERSION = 1  # incremented when the same seeds give other findings
MANIFEST = "phantom.json"
TABLE = "Data_Entry_2017.csv"
COLUMNS = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
)
_ORIGINAL = 4  # factor on rows and columns of the original images that the table states, as in the NIH's
_QUIET = 8  # largest set drawn without a progress bar

Mask = npt.NDArray[np.uint8]

logger = logging.getLogger(__name__)


def write_nih(
    folder: str | Path,
    count: int = 96,
    seed: int = 0,
    size: int = 512,
    inverted: float = 0.0,
    findings: bool = False,
) -> Path:
    """Write a set of phantoms atomically; a folder that already holds this very set is left unchanged.

    Files: ``images/<stem>.png`` (8-bit grey), ``masks/<stem>.png`` (1-bit, both lungs), ``labels/<stem>.png``
    (0 background, 1 right lung, 2 left lung, 3 heart), ``Data_Entry_2017.csv``, ``masks/about.json``, and
    ``phantom.json`` with the parameters of the set. With findings also ``BBox_List_2017.csv``, a box for each
    location of a finding in pixels of 1024 x 1024 as in the NIH's, and ``findings/<stem>_<finding>.png``
    (1-bit), the masks that the boxes enclose.

    Args:
        folder: Folder of the set; created where it does not exist, and must otherwise be empty.
        count: Number of images; there are three quarters as many patients.
        seed: Seed of the whole set.
        size: Rows and columns of each image.
        inverted: Fraction of the images stored as negatives, which a PNG file does not declare.
        findings: Plant findings in half of the images; the rest is unchanged. Requires a size of at least
            128.

    Returns:
        `folder`.

    Raises:
        DataError: The folder holds something else.
        ConfigError: A number is out of range.
    """
    folder = Path(folder)
    made_from: dict[str, Any] = {
        "made_by": "cxrtk phantom",
        "version": VERSION,
        "count": count,
        "seed": seed,
        "size": size,
        "inverted": inverted,
        **({"findings": FINDINGS_VERSION} if findings else {}),
    }
    if _is_there(folder, made_from):
        logger.info("%s: the phantom set already exists.", folder)
        return folder
    wanted = shots(count, seed, inverted, findings)
    check_size(size, findings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)  # left by a killed process with the same PID
    try:
        for name in ("images", "masks", "labels", *(("findings",) if findings else ())):
            (part / name).mkdir(parents=True)
        rows, boxes = [], []
        logger.info("%s: drawing %d phantoms.", folder, count)
        for shot in track(wanted, "drawing phantoms", hidden=count <= _QUIET):
            phantom = shot.draw(size)
            _save(part, shot.stem, phantom)
            rows.append(_row(shot, phantom))
            boxes += _save_findings(part, shot.stem, phantom)
        if findings:
            write_boxes(part / BOXES, boxes)
        _write_table(part / TABLE, rows)
        write_json(
            part / "masks" / "about.json", {"truth": "exact", "heart": "excluded", **made_from}, indent=2
        )
        write_json(part / MANIFEST, made_from, indent=2)
        part.replace(folder)  # also replaces an empty folder
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def sample(folder: str | Path = "data/phantom", count: int = 96, seed: int = 0, size: int = 512) -> Path:
    """Return the built-in sample set, written on first use; see `write_nih`."""
    return write_nih(folder, count, seed, size)


def _is_there(folder: Path, made_from: Mapping[str, Any]) -> bool:
    """Return whether `folder` holds the set; refuse one with another set or other files."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{folder.resolve()}: holds no phantom set ({error}); name another folder."
        ) from error
    if found != made_from:
        raise DataError(
            f"{folder.resolve()}: holds the phantom set {found}, not {dict(made_from)}; "
            "remove it, or name another folder."
        )
    stems = {shot.stem for shot in shots(made_from["count"], made_from["seed"])}
    for name in ("images", "masks", "labels"):
        lacking = stems - {path.stem for path in (folder / name).glob("*.png")}
        if lacking:
            raise DataError(
                f"{folder.resolve()}: {len(lacking)} files of {name}/ are gone, such as {min(lacking)}.png; "
                "remove the folder, and it is written again."
            )
    if "findings" in made_from:
        named = {f"{box.stem}_{box.finding}.png" for box in read_boxes(folder / BOXES)}
        if lacking := named - {path.name for path in (folder / "findings").glob("*.png")}:
            raise DataError(
                f"{folder.resolve()}: {len(lacking)} files of findings/ are gone, such as {min(lacking)}; "
                "remove the folder, and it is written again."
            )
    return True


def _save_findings(folder: Path, stem: str, phantom: Phantom) -> list[FindingBox]:
    """Write a mask for each finding, and return a box for each of its locations."""
    by_name: dict[str, Mask] = {}
    boxes = []
    for planted in phantom.findings:
        by_name[planted.finding] = by_name.get(planted.finding, np.uint8(0)) | planted.mask
        boxes.append(_box(f"{stem}.png", planted))
    for finding, mask in by_name.items():
        Image.fromarray(mask.astype(bool)).save(folder / "findings" / f"{stem}_{finding}.png")
    return boxes


def _box(image: str, planted: Planted) -> FindingBox:
    """Return the bounding box of the mask, including whole pixels."""
    rows, columns = (np.flatnonzero(planted.mask.any(axis=axis)) for axis in (1, 0))
    box = FindingBox(
        image,
        planted.finding,
        float(columns[0]),
        float(rows[0]),
        float(columns[-1] - columns[0] + 1),
        float(rows[-1] - rows[0] + 1),
    )
    return scale_box(box, (SIDE, SIDE), planted.mask.shape)


def _save(folder: Path, stem: str, phantom: Phantom) -> None:
    lungs = phantom.right_lung | phantom.left_lung
    labels = phantom.right_lung + 2 * phantom.left_lung + 3 * phantom.heart
    pixels = np.round(phantom.pixels * 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "images" / f"{stem}.png")
    Image.fromarray(lungs.astype(bool)).save(folder / "masks" / f"{stem}.png")
    Image.fromarray(labels.astype(np.uint8)).save(folder / "labels" / f"{stem}.png")


def _row(shot: Shot, phantom: Phantom) -> list[str | int | float]:
    rows, columns = (_ORIGINAL * side for side in phantom.pixels.shape)
    row_mm, column_mm = (round(mm / _ORIGINAL, 6) for mm in phantom.spacing_mm)
    meta = phantom.meta
    about = [meta["finding"], shot.follow_up, shot.patient, meta["age"], meta["sex"], meta["view"]]
    return [f"{shot.stem}.png", *about, columns, rows, column_mm, row_mm]


def _write_table(path: Path, rows: list[list[str | int | float]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(COLUMNS + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)
