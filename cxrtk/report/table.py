"""Sortable tables, as rendered by `sortable` in the template ``macros.html``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxrtk.report.words import NO_VALUE


@dataclass(frozen=True)
class Column:
    """A column heading; numeric columns are right-aligned."""

    label: str
    numeric: bool = True


@dataclass(frozen=True)
class Cell:
    """A cell's text and sort value; cells without a value are sorted last in both directions."""

    text: str
    value: float | str | None = None


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        cells: One cell per column.
        opens: Id of the card that a click on the first cell opens; empty for none.
    """

    cells: Sequence[Cell]
    opens: str = ""


def number_cell(value: float | None, form: str = ".2f") -> Cell:
    """Make the cell of a number, with a dash for a missing one."""
    return Cell(NO_VALUE if value is None else f"{value:{form}}", value)
