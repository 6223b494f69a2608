"""Reader of CheXmask: masks predicted by a network for five public data sets, one CSV table each."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cxrtk import CxrReadError, DataError, Label, Radiograph, Reader, pixels, readers

from .images import FindImage, FindPatient, image_finder, patient_finder
from .records import read_header, read_record, read_records

DATASET = {
    "title": "CheXmask: 657,566 masks by a network, for images of NIH, CheXpert, MIMIC, PadChest and VinDr",
    "home": "https://physionet.org/content/chexmask-cxr-segmentation-data/",
    "licence": "CC BY 4.0 (the masks); the images have terms of their own",
    "terms": (
        "cite the paper, the data and PhysioNet; the images come from their own sources, some of which ask "
        "for registration, training and an agreement; use rows with a Dice RCA (Mean) of 0.7 or more only"
    ),
    "citation": (
        "Gaggion N et al. Sci Data 2024;11:511, doi:10.1038/s41597-024-03358-1; data: doi:10.13026/pgag-by42"
    ),
}

CLASSES = {"right_lung": "Right Lung", "left_lung": "Left Lung", "heart": "Heart"}
MEAN, MAX = "Dice RCA (Mean)", "Dice RCA (Max)"
NEEDED = (MEAN, *CLASSES.values(), "Height", "Width")
# Name of the image column of each data set; "Image ID" is ambiguous.
SOURCES = {
    "Image Index": "nih",
    "Path": "chexpert",
    "dicom_id": "mimic",
    "ImageID": "padchest",
    "image_id": "vindr",
}
ANY_ID = "Image ID"
SHOWN = 10

logger = logging.getLogger(__name__)


class Row(NamedTuple):
    """Position of a row in the table (`offset` in bytes) and its numbers; the masks stay in the file."""

    offset: int
    line: int
    name: str
    patient: str
    rca_mean: float
    rca_max: float | None
    height: int
    width: int


@readers.register("chexmask")
class CheXmask(Reader):
    """Reader of those images below `root` that have masks in a table of CheXmask.

    The data set is identified by the column of image names: ``Image Index`` (NIH ChestX-ray8), ``Path``
    (CheXpert), ``dicom_id`` (MIMIC-CXR-JPG), ``ImageID`` (PadChest), ``image_id`` (VinDr-CXR). Images are
    found by name anywhere below `root`, those of CheXpert by path.

    **The masks are predictions of a network**, so `Label.truth` is ``model``: scores against them measure
    agreement with that network. Rows below `min_rca`, an estimate of mask quality, are left out, as the
    authors recommend.

    The table is read once, row by row; only the position of each row is kept in memory, not its masks.

    Args:
        root: Folder of the images.
        table: Path of the table; by default that in the root or in its ``OriginalResolution/``. The table
            of ``Preprocessed/`` fits images preprocessed to 1024 x 1024 by its authors' method.
        min_rca: Minimum of the column Dice RCA (Mean).
        source: ``nih``, ``chexpert``, ``mimic``, ``padchest`` or ``vindr``, if the image column is ``Image
            ID``.
        patients: Table of patients. PadChest requires its own (``ImageID``, ``PatientID``); MIMIC needs its
            metadata (``dicom_id``, ``subject_id``) if the images are not in one folder per patient. The
            patients of VinDr-CXR are unknown: each image counts as its own patient.

    Raises:
        DataError: A table is invalid (the message names the line), an image is named twice, or no image is
            left.
    """

    def __init__(
        self,
        root: str | Path,
        table: str | Path | None = None,
        min_rca: float = 0.7,
        source: str | None = None,
        patients: str | Path | None = None,
    ) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise DataError(f"{self.root.resolve()}: no such folder; check root.")
        if not 0 <= min_rca <= 1:
            raise DataError(f"min_rca must be from 0 to 1, not {min_rca}.")
        self.min_rca = min_rca
        self.table = _find_table(self.root) if table is None else Path(table)
        self._columns = _columns(self.table)
        self._name_column, self.source = _source(self.table, self._columns, source)
        patient_of = patient_finder(self.source, None if patients is None else Path(patients))
        self._rows = self._index(image_finder(self.source, self.root), patient_of)

    def items(self) -> list[dict[str, Any]]:
        """List one dict per image with masks, in the order of the table.

        Keys are ``image``; ``patient``; ``name`` as in the table; ``rca_mean`` and ``rca_max``, in [0, 1];
        and ``line``, the first line of its row.
        """
        keys = ("patient", "name", "rca_mean", "rca_max", "line")
        return [
            {"image": path} | {key: getattr(row, key) for key in keys} for path, row in self._rows.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Read an image of any supported format; see `cxrtk.pixels.read`."""
        return pixels.read(path)

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the right lung, left lung and heart, predicted by a network; the heart is excluded."""
        row = self._rows.get(str(item["image"]))
        if row is None:
            return None
        where, size = f"line {row.line}: ", (row.height, row.width)
        cure = "use OriginalResolution/ for images as their source gives them out, else Preprocessed/"
        pixels.check_fit(self.table, size, item["image"], where=where, cure=cure)
        cells = read_record(self.table, row.offset, row.line)
        if len(cells) != len(self._columns) or cells[self._columns[self._name_column]] != row.name:
            what = f"{where}is no longer the row of {row.name}"
            raise CxrReadError(self.table, what, cure="start again, the table was changed", code="damaged")
        masks = []
        for column in CLASSES.values():
            try:
                masks.append(pixels.decode_rle(cells[self._columns[column]], *size))
            except ValueError as error:
                what = f"{where}{column}: {error}"
                raise CxrReadError(self.table, what, cure="download it again", code="label") from error
        return Label(np.stack(masks), tuple(CLASSES), truth="model", heart="excluded")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return True, since only images with masks are listed."""
        return str(item["image"]) in self._rows

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and of the table."""
        return [str(item["image"]), str(self.table)]

    def _index(self, find: FindImage, patient_of: FindPatient) -> dict[str, Row]:
        """Map image paths to rows, for the rows of sufficient quality that have an image."""
        rows: dict[str, Row] = {}
        lines: dict[str, int] = {}
        poor, missing = 0, []
        records = read_records(self.table)
        next(records)  # skip the header
        for offset, line, cells in records:
            try:
                name = self._check(cells, line, lines)
                mean = _fraction(cells[self._columns[MEAN]])
                if mean is None or mean < self.min_rca:
                    poor += 1
                    continue
                path = find(name)
                if path is None:
                    missing.append((line, name))
                    continue
                rca_max = _fraction(cells[self._columns[MAX]]) if MAX in self._columns else None
                height, width = (_side(cells, self._columns, side) for side in ("Height", "Width"))
                patient = patient_of(name, path)
                rows[path] = Row(offset, line, name, patient, mean, rca_max, height, width)
            except ValueError as error:
                raise DataError(f"{self.table}: line {line}: {error}; correct it.") from error
        message = "%s: %d rows, of which %d are below min_rca %g and %d have no image."
        logger.info(message, self.table, len(lines), poor, self.min_rca, len(missing))
        if missing:
            first = ", ".join(f"line {line} ({name})" for line, name in missing[:SHOWN])
            logger.warning("%s: no image for %d rows, left out: %s.", self.table, len(missing), first)
        if not rows:
            raise DataError(
                f"{self.root.resolve()}: no image has a usable row in {self.table}: of {len(lines)} rows "
                f"{poor} are below min_rca {self.min_rca:g} and {len(missing)} have no image; check both."
            )
        return rows

    def _check(self, cells: list[str], line: int, lines: dict[str, int]) -> str:
        """Return the name in a row; raise ValueError for a wrong number of cells or a duplicate name."""
        if len(cells) != len(self._columns):
            raise ValueError(f"has {len(cells)} columns, the header {len(self._columns)}")
        name = cells[self._columns[self._name_column]]
        if lines.setdefault(name, line) != line:
            raise ValueError(f"{name!r} was named before, on line {lines[name]}")
        return name


def _find_table(root: Path) -> Path:
    tables = sorted([*root.glob("*.csv"), *root.glob("OriginalResolution/*.csv")])
    fitting = [path for path in tables if set(NEEDED) <= set(read_header(path))]
    if len(fitting) != 1:
        found = ", ".join(path.name for path in fitting) or "none"
        raise DataError(
            f"{root.resolve()}: needs one table of CheXmask, such as ChestX-ray8.csv, but has {found}; put "
            "it there, or pass table=."
        )
    return fitting[0]


def _columns(table: Path) -> dict[str, int]:
    """Map column names to their positions."""
    header = read_header(table)
    lacking = [column for column in NEEDED if column not in header]
    if lacking:
        raise DataError(f"{table}: line 1: has no column {', '.join(lacking)}; is it a table of CheXmask?")
    if len(set(header)) < len(header):
        raise DataError(f"{table}: line 1: has one column twice: {', '.join(header)}.")
    return {column: place for place, column in enumerate(header)}


def _source(table: Path, columns: Mapping[str, int], source: str | None) -> tuple[str, str]:
    """Return the name of the image column, and the data set."""
    if source is not None and source not in SOURCES.values():
        raise DataError(f"source must be one of {', '.join(SOURCES.values())}, not {source!r}.")
    known = [column for column in SOURCES if column in columns]
    if len(known) == 1 and source in (None, SOURCES[known[0]]):
        return known[0], SOURCES[known[0]]
    if not known and ANY_ID in columns and source is not None:
        return ANY_ID, source
    raise DataError(
        f"{table}: line 1: one of the columns {', '.join(SOURCES)} must name the images, or {ANY_ID!r} with "
        f"source=; available: {', '.join(columns)}."
    )


def _fraction(text: str) -> float | None:
    """Parse a number in [0, 1], ``None`` for an empty cell or NaN; raises ValueError for any other text."""
    number = float(text) if text.strip() else math.nan
    if math.isnan(number):
        return None
    if not 0 <= number <= 1:
        raise ValueError(f"{text!r} is not a Dice RCA")
    return number


def _side(cells: list[str], columns: Mapping[str, int], side: str) -> int:
    number = int(cells[columns[side]])
    if number < 1:
        raise ValueError(f"{side} is {number}")
    return number
