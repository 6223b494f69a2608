"""Image files and patients of each of the five data sets of CheXmask."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from cxrtk import DataError, pixels

from .records import read_records

CHEXPERT = ("CheXpert-v1.0", "CheXpert-v1.0-small")
PASSED_OVER = ("masks", "labels")
# Columns of image and patient, for data sets with a separate table of patients.
PATIENT_TABLES = {"mimic": ("dicom_id", "subject_id"), "padchest": ("ImageID", "PatientID")}
PATIENT_FOLDERS = {"chexpert": r"patient\d+", "mimic": r"p\d{8}"}

FindImage = Callable[[str], str | None]  # name in the table -> path, or None if there is no such file
FindPatient = Callable[[str, str], str]  # name in the table, path -> patient


def image_finder(source: str, root: Path) -> FindImage:
    """Return a function that finds images: by path for CheXpert, otherwise by name anywhere below `root`.

    The function raises ValueError if two files share the name, or if it leads out of `root`.
    """
    return _by_path(root) if source == "chexpert" else _by_stem(root)


def patient_finder(source: str, table: Path | None) -> FindPatient:
    """Return a function that finds patients: by `table`, by name (NIH) or by folder (CheXpert, MIMIC).

    The function raises ValueError if the patient cannot be determined.

    Raises:
        DataError: The table is invalid, not applicable to this data set, or missing.
    """
    if table is not None:
        if source not in PATIENT_TABLES:
            known = " and ".join(PATIENT_TABLES)
            raise DataError(
                f"patients= is for {known}; leave it out, because it cannot be used for {source}."
            )
        return _by_table(table, *PATIENT_TABLES[source])
    if source == "padchest":
        raise DataError(
            "The names of PadChest's images do not identify the patients; pass its table as patients=."
        )
    if source in PATIENT_FOLDERS:
        return _by_folder(PATIENT_FOLDERS[source])
    if source == "nih":
        return lambda name, path: pixels.stem_of(name).partition("_")[0]
    return lambda name, path: pixels.stem_of(name)


def _by_stem(root: Path) -> FindImage:
    found: dict[str, str] = {}
    twice: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in PASSED_OVER and not name.startswith("."))
        for name in sorted(names):
            stem = pixels.stem_of(name)
            if stem == name or name.startswith("."):  # no image suffix
                continue
            path = f"{folder}{os.sep}{name}"
            if found.setdefault(stem, path) != path:
                twice[stem] = path

    def find(name: str) -> str | None:
        stem = pixels.stem_of(name)
        if stem in twice:
            raise ValueError(f"there are two images {stem}: {found[stem]} and {twice[stem]}")
        return found.get(stem)

    return find


def _by_path(root: Path) -> FindImage:
    base = next((root / name for name in CHEXPERT if (root / name).is_dir()), root)

    def find(name: str) -> str | None:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or parts[0] == "/":
            raise ValueError(f"{name!r} is not a path below the images")
        path = base.joinpath(*(parts[1:] if parts[0] in CHEXPERT else parts))
        return str(path) if path.is_file() else None

    return find


def _by_folder(pattern: str) -> FindPatient:
    def find(name: str, path: str) -> str:
        for part in reversed(Path(path).parts):
            if re.fullmatch(pattern, part):
                return part
        raise ValueError(f"{path} is in no folder that names the patient ({pattern})")

    return find


def _by_table(table: Path, image: str, patient: str) -> FindPatient:
    patients: dict[str, str] = {}
    header: list[str] = []
    for _, line, cells in read_records(table):
        if not header:
            header = cells
            if image not in header or patient not in header:
                raise DataError(f"{table}: line 1: needs the columns {image!r} and {patient!r}.")
            places = header.index(image), header.index(patient)
        elif len(cells) != len(header):
            raise DataError(f"{table}: line {line}: has {len(cells)} columns, the header {len(header)}.")
        else:
            patients[pixels.stem_of(cells[places[0]])] = cells[places[1]].strip()

    def find(name: str, path: str) -> str:
        if not patients.get(pixels.stem_of(name)):
            raise ValueError(f"{table} has no patient for {name}")
        return patients[pixels.stem_of(name)]

    return find
