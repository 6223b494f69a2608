"""Atomic CSV tables of any length, safe to open in a spreadsheet, for any file name."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import replacing

FORMULA = ("=", "+", "-", "@", "\t")


def write_table(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> Path:
    r"""Write rows as CSV in UTF-8, one by one; ``None`` and missing values are left blank.

    Text that a spreadsheet would interpret as a formula is prefixed by an apostrophe, as OWASP recommends
    against CSV injection. Bytes of a file name that are not UTF-8 are written as ``\udc80`` to ``\udcff``.

    Args:
        path: Path of the file.
        rows: Rows; iterated once if `columns` are given, otherwise twice, first to collect the names of the
            columns.
        columns: Names of the columns in order.

    Returns:
        `path`.

    Raises:
        StorageError: The disk is full.
    """
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    return write_lines(path, names, ([row.get(name) for name in names] for row in rows))


def write_lines(path: Path, columns: Sequence[str], lines: Iterable[Iterable[Any]]) -> Path:
    """Write lines of values as CSV below the names of their columns, as `write_table` does; return `path`.

    Raises:
        StorageError: The disk is full.
    """
    with (
        replacing(path) as part,
        part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(map(cell, line) for line in lines)
    return path


def cell(value: Any) -> Any:
    """Convert a value for a table cell.

    >>> cell("=1+1"), cell(-1.5), cell(None), cell([1, 2])
    ("'=1+1", -1.5, '', '1 2')
    """
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    if isinstance(value, str):
        value = value.replace("\r", "\\r")  # csv quotes it only if it is in the line terminator
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
