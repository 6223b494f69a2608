"""Tables of images: rows of a CSV file with the columns that a data set's authors chose."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from cxrtk.data.pixels.listing import mask_stem
from cxrtk.errors import ConfigError, DataError

MOST_LINE = 1 << 20  # characters of a line
_KEPT = ("image", "patient", "stem")  # keys of an item that a column must not replace


def read_rows(
    path: str | Path, *, delimiter: str = ",", needed: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number and the cells of each row of a CSV file, plain or ``.gz``.

    A byte order mark, CRLF line endings, blanks around column names and empty lines are accepted.

    Args:
        path: Path of the table, in UTF-8.
        delimiter: Character between the cells.
        needed: Columns that must be there.

    Raises:
        ConfigError: `delimiter` is not one character.
        DataError: The table cannot be read, lacks a column, has one twice, or has a row of another length;
            the message names the line.
    """
    path = Path(path)
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise ConfigError(f'delimiter must be one character, such as ";" or "\\t", not {delimiter!r}.')
    try:
        with _open(path) as file:
            table = csv.reader(_bounded(path, file), delimiter=delimiter, strict=True)
            header = [name.strip() for name in next(table, [])]
            _check_header(path, header, needed, delimiter)
            for row in table:
                if not row:
                    continue
                if len(row) != len(header):
                    raise DataError(
                        f"{path}: line {table.line_num}: has {len(row)} columns, the header {len(header)}; "
                        "correct it, or name the delimiter."
                    )
                yield table.line_num, dict(zip(header, row, strict=True))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: cannot be read: {reason}; save it as CSV in UTF-8.") from error


def read_cases(
    path: str | Path,
    images: Mapping[str, str],
    *,
    delimiter: str = ",",
    key: str | None = None,
    patient: str | None = None,
) -> tuple[dict[str, dict[str, str]], int]:
    """Read a researcher's own table of the images of a set.

    Args:
        path: Path of the table.
        images: Stem -> path of the images.
        delimiter: Character between the cells.
        key: Column that names the image, by its stem, its file name or its path. ``None`` takes ``stem``, or
            the first column that names every image.
        patient: Column of the patient; ``None`` takes ``patient`` where there is one.

    Returns:
        Stem -> columns of its row, with ``patient`` where it is known, and the number of rows that belong to
        no image.

    Raises:
        DataError: The table cannot be read, has no such column, names an image twice, leaves a patient blank,
            or has no row for an image.
    """
    rows = list(read_rows(path, delimiter=delimiter, needed=[name for name in (key, patient) if name]))
    key = key or _key(path, rows, images)
    patient = patient or ("patient" if rows and "patient" in rows[0][1] else None)
    found: dict[str, dict[str, str]] = {}
    others = 0
    for line, row in rows:
        stem = _stem(row[key], images)
        if stem is None:
            others += 1
            continue
        if stem in found:
            raise DataError(f"{path}: line {line}: {stem!r} was named before; keep one of the rows.")
        cells = {f"{name}_" if name in _KEPT else name: value for name, value in row.items() if name != key}
        if patient is not None:
            if not row[patient].strip():
                raise DataError(f"{path}: line {line}: {stem!r} has no patient; fill it in.")
            cells.pop("patient_", None)
            cells["patient"] = row[patient].strip()
        found[stem] = cells
    missing = [stem for stem in images if stem not in found]
    if missing:
        raise DataError(
            f"{path}: {len(missing)} images have no row ({', '.join(missing[:10])}) in the column {key!r}; "
            "add them, or name the column of the image (--set reader#key=...)."
        )
    return found, others


def _stem(name: str, images: Mapping[str, str]) -> str | None:
    """Return the stem of the image that a cell names: itself, its file name or its path."""
    if name in images:
        return name
    stem = mask_stem(PurePosixPath(name.strip().replace("\\", "/")).name)
    return stem if stem in images else None


def _key(path: str | Path, rows: Sequence[tuple[int, dict[str, str]]], images: Mapping[str, str]) -> str:
    columns = list(rows[0][1]) if rows else []
    if "stem" in columns:
        return "stem"
    for column in columns:
        if {_stem(row[column], images) for _, row in rows} >= images.keys():
            return column
    raise DataError(
        f"{path}: no column names every image ({next(iter(images))!r} and so on); there are "
        f"{', '.join(columns) or 'none'}. Name the right one (--set reader#key=...), or the delimiter "
        "(--set 'reader#delimiter=;')."
    )


def _open(path: Path) -> IO[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    return opened(path, "rt", newline="", encoding="utf-8-sig")


def _bounded(path: Path, file: IO[str]) -> Iterator[str]:
    """Yield the lines of a file, none of them of unlimited length."""
    while line := file.readline(MOST_LINE):
        if len(line) == MOST_LINE:
            raise DataError(f"{path}: has a line of more than {MOST_LINE} characters; save it as CSV.")
        yield line


def _check_header(path: Path, header: Sequence[str], needed: Sequence[str], delimiter: str) -> None:
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise DataError(f"{path}: line 1: has the column {twice!r} twice; rename one.")
    if lacking := [name for name in needed if name not in header]:
        raise DataError(
            f"{path}: line 1: has no column {', '.join(map(repr, lacking))}, but, parted by {delimiter!r}: "
            f"{', '.join(header)}; is it the right table, and the right delimiter?"
        )
