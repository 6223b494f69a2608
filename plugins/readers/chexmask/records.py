"""Streaming of a large CSV file: the byte offset of each record, and random access to one record."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cxrtk import CxrReadError, DataError

MAX_LINE = 1 << 24  # bytes; a row of a large radiograph has about 100,000


class _Lines:
    """Iterator over the lines of a text file that tracks its position."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.offset = file.tell()
        self.line = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self.file.readline(MAX_LINE)
        if not data:
            raise StopIteration
        start, self.offset, self.line = self.offset, self.offset + len(data), self.line + 1
        if len(data) == MAX_LINE:
            raise csv.Error(f"the line has more than {MAX_LINE} bytes")
        return data.decode("utf-8-sig" if start == 0 else "utf-8")


def read_records(path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the offset in bytes, first line number and cells of each record, including the header.

    Quoted cells may contain line breaks, as the landmarks of CheXmask do. Empty lines are skipped.

    Raises:
        DataError: The file cannot be read or is not CSV; the message names the line.
    """
    line = 0
    try:
        with path.open("rb") as file:
            lines = _Lines(file)
            offset, line = 0, 1
            for cells in csv.reader(lines, strict=True):
                if cells:
                    yield offset, line, cells
                offset, line = lines.offset, lines.line + 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, line, error) from error


def read_record(path: Path, offset: int, line: int) -> list[str]:
    """Read the cells of a record at a position given by `read_records`.

    Raises:
        CxrReadError: The record can no longer be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return next(csv.reader(_Lines(file), strict=True), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = f"line {line}: cannot be read: {_reason(error)}"
        raise CxrReadError(path, what, cure="download it again", code="damaged") from error


def read_header(path: Path) -> list[str]:
    """Return the cells of the first line; empty for an empty file."""
    return next((cells for _, _, cells in read_records(path)), [])


def _unreadable(path: Path, line: int, error: Exception) -> DataError:
    place = f"line {line}: " if line else ""
    return DataError(f"{path}: {place}cannot be read: {_reason(error)}; download it again.")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
