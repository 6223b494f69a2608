"""Tables of any length as CSV: whole, safe to open in a spreadsheet, whatever a file is called."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import replacing

FORMULA = ("=", "+", "-", "@", "\t")


def write_table(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> Path:
    r"""Write rows as CSV in UTF-8, one by one; what is ``None`` or missing is left blank.

    Text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises against CSV
    injection. Bytes of a file's name that are no UTF-8 are written as ``\udc80`` to ``\udcff``.

    Args:
        path: The file.
        rows: Gone through once where `columns` are named, else twice: first for the names of all columns.
        columns: Their names in order.

    Returns:
        `path`.

    Raises:
        StorageError: The disk is full.
    """
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    with (
        replacing(path) as part,
        part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([cell(row.get(name)) for name in names])
    return path


def cell(value: Any) -> Any:
    """A value as it may stand in a table.

    >>> cell("=1+1"), cell(-1.5), cell(None), cell([1, 2])
    ("'=1+1", -1.5, '', '1 2')
    """
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    if isinstance(value, str):
        value = value.replace("\r", "\\r")  # csv quotes it only where it ends lines
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
