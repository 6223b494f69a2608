"""A table that a reader can sort: what `sortable` of the template ``macros.html`` takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxrtk.report.words import NO_VALUE


@dataclass(frozen=True)
class Column:
    """A heading; numbers stand to the right."""

    label: str
    numeric: bool = True


@dataclass(frozen=True)
class Cell:
    """What is shown, and what is sorted by; without a value it comes last, however it is sorted."""

    text: str
    value: float | str | None = None


@dataclass(frozen=True)
class Row:
    """One line.

    Attributes:
        cells: As many as there are columns.
        opens: The id of the card that a click on the first cell opens; empty for none.
    """

    cells: Sequence[Cell]
    opens: str = ""


def number_cell(value: float | None, form: str = ".2f") -> Cell:
    """A number, or a dash where there is none."""
    return Cell(NO_VALUE if value is None else f"{value:{form}}", value)
