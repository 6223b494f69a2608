"""Table of the comparison of two evaluations, if `cxrtk evaluate --compare` wrote one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxrtk.errors import DataError
from cxrtk.report.document import Table
from cxrtk.report.evaluated_tables import number, number_of
from cxrtk.report.json_file import read_object
from cxrtk.report.table import Cell, Column, Row
from cxrtk.report.words import NO_VALUE, printable

FILE = "comparison.json"
COLUMNS = (
    Column("Metric", numeric=False),
    Column("This"),
    Column("Other"),
    Column("Difference"),
    Column("95 % interval", numeric=False),
    Column("p (Wilcoxon)"),
    Column("Better"),
    Column("Worse"),
    Column("Images"),
)


def tables(folder: Path) -> list[Table]:
    """Return the table of the comparison; empty if there is no comparison.

    Raises:
        DataError: The file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    content = read_object(path)
    try:
        rows = [_row(each) for each in content["metrics"]]
        caption = f"Against {Path(content['other']).name}"
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: is not a comparison that `cxrtk evaluate` wrote: {error}.") from error
    note = "Over the images of both; differences are this minus the other, with intervals by patient."
    return [Table("comparison", printable(caption), COLUMNS, rows, note)]


def _row(each: dict[str, Any]) -> Row:
    unit, limits = each["unit"], each["interval"]
    between = f"{number(limits[0], '')} to {number(limits[1], '')}" if limits else NO_VALUE
    return Row(
        [
            Cell(f"{each['metric']} ({unit})" if unit else each["metric"], each["metric"]),
            *(number_of(each[key], unit) for key in ("first", "second", "difference")),
            Cell(between, limits[0] if limits else None),
            Cell(NO_VALUE if each["p_value"] is None else f"{each['p_value']:.2g}", each["p_value"]),
            *(Cell(f"{each[key]:,}", each[key]) for key in ("better", "worse", "pairs")),
        ]
    )
