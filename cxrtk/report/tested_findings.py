"""The test of a classifier's run: the area under the ROC curve of each finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk.errors import DataError
from cxrtk.report.document import Section, Table
from cxrtk.report.table import Cell, Column, Row, number_cell
from cxrtk.report.words import printable

ADVICE = (
    "Maps against boxes, and other images: by cxrtk findings --model RUN.",
    "A finding that all or none of the images have has no area, and stands in no mean.",
)


def section(findings: Sequence[Mapping[str, Any]], truth: str, resolution: str) -> Section:
    """A table with a row a finding.

    Args:
        findings: As `cxrtk.evaluation.finding_report` wrote them.
        truth: Against what.
        resolution: At which size, and of what.

    Raises:
        DataError: They are damaged.
    """
    columns = [
        Column("Finding", numeric=False),
        *map(Column, ("Images with it", "Images", "AUC")),
        Column("95 % interval", numeric=False),
        Column("Average precision"),
    ]
    try:
        rows = [_row(each) for each in findings]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"The test of the run holds damaged findings ({error!r}); test it again.") from error
    text = [printable(f"Against {truth}, {resolution}."), *ADVICE]
    return Section("test", "Test", text, tables=[Table("test_findings", "Each finding", columns, rows)])


def _row(score: Mapping[str, Any]) -> Row:
    interval = score["interval"]
    ends = "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    return Row(
        [
            Cell(printable(score["finding"]), score["finding"]),
            Cell(f"{score['positive']:,}", score["positive"]),
            Cell(f"{score['images']:,}", score["images"]),
            number_cell(score["auc"], ".4f"),
            Cell(ends, ends),
            number_cell(score["average_precision"], ".4f"),
        ]
    )
