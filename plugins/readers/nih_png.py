"""Reader of NIH ChestX-ray14: PNG files and their table, in the published folder layout."""

from __future__ import annotations

import csv
import gzip
import logging
import math
import re
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from cxrtk import DataError, Label, Radiograph, Reader, pixels, readers

DATASET = {
    "title": "NIH ChestX-ray14 (ChestX-ray8): 112,120 frontal radiographs of 30,805 patients; no masks",
    "home": "https://nihcc.app.box.com/v/ChestXray-NIHCC",
    "licence": "no restriction on use",
    "terms": "link to the download, cite the paper, and name the NIH Clinical Center as the provider",
    "citation": "Wang X et al. CVPR 2017:3462-3471, doi:10.1109/CVPR.2017.369",
}

TABLES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv", "Data_Entry_2017_subset.csv")
LISTS = {"train_val": "train_val_list.txt", "test": "test_list.txt"}
OLDEST = 120  # years; the table of 2017 contains ages above 400
_PER_YEAR = {"": 1, "Y": 1, "M": 12, "W": 52, "D": 365}  # the table of 2017 has ages such as 058Y, 013M, 001D

# Our column name; its names in the NIH's header, where commas split "[Width,Height]"; those of Kaggle.
_COLUMNS = {
    "image": ("Image Index",),
    "findings": ("Finding Labels",),
    "follow_up": ("Follow-up #",),
    "patient": ("Patient ID",),
    "age": ("Patient Age",),
    "sex": ("Patient Gender", "Patient Sex"),
    "view": ("View Position",),
    "width": ("OriginalImage[Width", "OriginalImageWidth"),
    "height": ("Height]", "OriginalImageHeight"),
    "x_mm": ("OriginalImagePixelSpacing[x", "OriginalImagePixelSpacing_x"),
    "y_mm": ("y]", "OriginalImagePixelSpacing_y"),
}

logger = logging.getLogger(__name__)


class Row(NamedTuple):
    """One image in the table; unknown values are ``None``.

    `age` is in whole years; `original_spacing_mm` is (row, column), of the image before the NIH resampled it.
    """

    patient: str
    age: int | None = None
    sex: str | None = None
    view: str | None = None
    findings: tuple[str, ...] | None = None
    follow_up: int | None = None
    original_width: int | None = None
    original_height: int | None = None
    original_spacing_mm: tuple[float, float] | None = None


def _stem(path: str | Path) -> str:
    return pixels.stem_of(Path(path).name)


def _row_of_name(stem: str) -> Row:
    """Derive a row from a file stem: ``00000013_005`` belongs to patient ``00000013``."""
    return Row(stem.partition("_")[0])


# --- the table


def _age(text: str) -> int | None:
    """Return whole years for ``57``, ``058Y``, ``013M``, ``003W`` or ``001D``; ``None`` above `OLDEST`."""
    match = re.fullmatch(r"(\d+)([YMWD]?)", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an age")
    years = int(match[1]) // _PER_YEAR[match[2]]
    return years if years <= OLDEST else None


def _row(cells: Mapping[str, str]) -> Row:
    """Parse one line of the table; raises ValueError if a number cannot be parsed."""

    def whole(name: str) -> int | None:
        return int(cells[name]) if cells.get(name) else None

    def text(name: str) -> str | None:
        return sys.intern(cells[name]) if cells.get(name) else None

    patient = cells.get("patient") or _row_of_name(cells["image"]).patient
    spacing = None
    if cells.get("x_mm") and cells.get("y_mm"):
        spacing = (float(cells["y_mm"]), float(cells["x_mm"]))
        if not all(mm > 0 and math.isfinite(mm) for mm in spacing):
            raise ValueError(f"{spacing} mm is not a spacing")
    return Row(
        patient=f"{int(patient):08d}" if patient.isdecimal() else patient,
        age=_age(cells["age"]) if cells.get("age") else None,
        sex=text("sex"),
        view=text("view"),
        findings=tuple(map(sys.intern, cells["findings"].split("|"))) if cells.get("findings") else None,
        follow_up=whole("follow_up"),
        original_width=whole("width"),
        original_height=whole("height"),
        original_spacing_mm=spacing,
    )


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Map our column names to positions in the header."""
    places = {name.strip(): place for place, name in enumerate(header)}
    known = {
        column: next((places[name] for name in names if name in places), -1)
        for column, names in _COLUMNS.items()
    }
    if known["image"] < 0:
        raise DataError(
            f"{path}: line 1: has no column 'Image Index', but {list(header)}; is it the NIH's table?"
        )
    return {column: place for column, place in known.items() if place >= 0}


def _open(path: Path) -> IO[str]:
    """Open a plain or gzipped text file, without its byte order mark."""
    opened = gzip.open if path.suffix == ".gz" else open
    return opened(path, "rt", newline="", encoding="utf-8-sig")


def _read_table(path: Path) -> dict[str, Row]:
    """Map stems to rows.

    Raises:
        DataError: The table cannot be read; the message names the line if there is one.
    """
    rows: dict[str, Row] = {}
    try:
        with _open(path) as file:
            table = csv.reader(file)
            columns = _columns(path, next(table, []))
            for line in filter(None, table):
                if len(line) <= max(columns.values()):
                    raise DataError(f"{path}: line {table.line_num}: has only {len(line)} columns.")
                cells = {column: line[place] for column, place in columns.items()}
                stem = pixels.stem_of(cells["image"])
                if stem in rows:
                    raise DataError(f"{path}: line {table.line_num}: {cells['image']} was named before.")
                try:
                    rows[stem] = _row(cells)
                except ValueError as error:
                    raise DataError(f"{path}: line {table.line_num}: {error}; correct it.") from error
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}; copy it again.") from error
    logger.info("%s: %d rows of %d patients.", path, len(rows), len({row.patient for row in rows.values()}))
    return rows


def _find_table(root: Path) -> Path | None:
    paths = (root / f"{name}{suffix}" for name in TABLES for suffix in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)


# --- the files


def _find_images(root: Path) -> dict[str, str]:
    """Map stems to paths of the PNG files in ``images/``, in all ``images_*/images/``, or else in `root`."""
    if not root.is_dir():
        raise DataError(f"{root.resolve()}: no such folder; check root.")
    folders = [root / "images"]
    for folder in sorted(root.glob("images_*")):
        folders.append(folder / "images" if (folder / "images").is_dir() else folder)
    images: dict[str, str] = {}
    for folder in [folder for folder in folders if folder.is_dir()] or [root]:
        for stem, path in pixels.list_images(folder).items():
            if path.lower().endswith(".png") and images.setdefault(stem, path) != path:
                raise DataError(f"{path}: has the name of {images[stem]}; remove one of them.")
    return images


def _official(root: Path, split: str) -> set[str]:
    """Return the stems in the official list of `split`."""
    if split not in LISTS:
        raise DataError(f"split must be one of {', '.join(LISTS)}, not {split!r}.")
    path = root / LISTS[split]
    try:
        return {_stem(name) for name in path.read_text(encoding="utf-8-sig").split()}
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); it comes with the NIH's download.") from error


def _having(
    rows: Mapping[str, Row],
    what: str,
    wanted: Sequence[str] | None,
    of: Callable[[Row], Sequence[str | None]],
) -> dict[str, Row]:
    """Return the rows with one of the `wanted` values; raises DataError for a value that no row has."""
    if wanted is None:
        return dict(rows)
    if isinstance(wanted, str):
        raise DataError(f"{what} must be a list, such as [{wanted!r}], not the text {wanted!r}.")
    present = {value for row in rows.values() for value in of(row) if value is not None}
    if unknown := sorted(set(wanted) - present):
        there = ", ".join(sorted(present)) or "none, for want of a table"
        raise DataError(f"{what}: no image has {', '.join(unknown)}; available: {there}.")
    return {stem: row for stem, row in rows.items() if not set(wanted).isdisjoint(of(row))}


@readers.register("nih_png")
class NihPng(Reader):
    """Reader of ``images_001/images/*.png`` to ``images_012``, one ``images/``, or PNG files in the root.

    The table is ``Data_Entry_2017_v2020.csv``, ``Data_Entry_2017.csv`` or ``Data_Entry_2017_subset.csv`` in
    the root, the first that exists, plain or ``.gz``. Without a table the patient is the file name up to
    ``_``, and all other columns are unknown. Rows without an image are left out, images without a row are
    kept; the log counts both.

    Masks are optional: ``masks/<stem>.png``, or ``labels/<stem>.png`` with 1 right lung, 2 left lung, 3
    heart. The NIH publishes none, so ``masks/about.json`` or `truth` must state their origin.

    Args:
        root: Folder of the data set.
        views: View positions to keep, such as ``["PA"]``.
        findings: Keep images with at least one of these findings, such as ``["No Finding"]``.
        split: Keep the images of the official ``train_val`` or ``test`` list, which must be in the root.
        table: Path of a table that replaces the tables above.
        require_images: List only rows that have an image. If false, every row of the table is listed, with
            the path at which its image would be.
        truth: Origin of the masks; ``None`` uses the value in ``masks/about.json``.
        heart: Heart convention of the lung masks; ``None`` uses the value in ``masks/about.json``.

    Raises:
        DataError: There is no image, no image passes the filters, or the table or list is invalid.
    """

    def __init__(
        self,
        root: str | Path,
        views: Sequence[str] | None = None,
        findings: Sequence[str] | None = None,
        split: str | None = None,
        table: str | Path | None = None,
        require_images: bool = True,
        truth: str | None = None,
        heart: str | None = None,
    ) -> None:
        self.root = Path(root)
        images = _find_images(self.root)
        path = _find_table(self.root) if table is None else Path(table)
        self._rows = {} if path is None else _read_table(path)
        if path is not None:
            self._count(images)
        if not require_images:
            folder = self.root / "images"
            images = {stem: str(folder / f"{stem}.png") for stem in self._rows} | images
        if not images:
            raise DataError(f"No images in {self.root.resolve()}; expected images/ or images_001/images/.")
        self._labels = pixels.LabelFiles(self.root, images, truth=truth, heart=heart)

        rows = {stem: self._row(stem) for stem in images}
        rows = _having(rows, "views", views, lambda row: (row.view,))
        rows = _having(rows, "findings", findings, lambda row: row.findings or ())
        stems = rows.keys() if split is None else rows.keys() & _official(self.root, split)
        if not stems:
            raise DataError(f"{self.root.resolve()}: no image passes views, findings and split together.")
        self._kept = {stem: images[stem] for stem in sorted(stems)}

    def items(self) -> list[dict[str, Any]]:
        """List one dict per image, sorted by name.

        Keys are ``image``; ``patient``, eight digits as in the file names; ``age`` in whole years; ``sex``;
        ``view``; ``findings``, a tuple; ``follow_up``; ``original_width`` and ``original_height`` in pixels;
        ``original_spacing_mm``, (row, column). Unknown values are ``None``.
        """
        return [{"image": path, **self._row(stem)._asdict()} for stem, path in self._kept.items()]

    def read(self, path: str | Path) -> Radiograph:
        """Read one image, with the spacing of the table rescaled to the size of the file.

        The NIH resampled every image to 1024 x 1024, whatever its aspect ratio, so rows and columns are
        scaled separately.
        """
        radiograph = pixels.read_png(path)
        row = self._row(_stem(path))
        if row.original_spacing_mm is None or row.original_width is None or row.original_height is None:
            return radiograph
        height, width = radiograph.pixels.shape
        row_mm, column_mm = row.original_spacing_mm
        spacing = (row_mm * row.original_height / height, column_mm * row.original_width / width)
        return replace(radiograph, spacing_mm=spacing, spacing_source="table")

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the classes in ``labels/`` if the file exists, else ``lungs`` in ``masks/``, else ``None``."""
        return self._labels.read(_stem(item["image"]), item["image"])

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and of its file in ``labels/`` or ``masks/``."""
        return [str(item["image"]), *self._labels.files(_stem(item["image"]))]

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether ``masks/`` or ``labels/`` contain a file of that name; no file is opened."""
        return self._labels.has(_stem(item["image"]))

    def _row(self, stem: str) -> Row:
        return self._rows.get(stem) or _row_of_name(stem)

    def _count(self, images: Mapping[str, str]) -> None:
        without_image = len(self._rows.keys() - images.keys())
        without_row = len(images.keys() - self._rows.keys())
        message = "%s: %d images; %d rows of the table have no image, %d images have no row."
        logger.info(message, self.root, len(images), without_image, without_row)
