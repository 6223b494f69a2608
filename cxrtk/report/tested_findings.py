"""Test results of a classifier's run: ROC curve and area under it for each finding."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.errors import DataError
from cxrtk.evaluation.finding_report import TABLE, TRUTH
from cxrtk.report.document import Section, Table
from cxrtk.report.figures import roc_findings
from cxrtk.report.figures.canvas import Drawn
from cxrtk.report.table import Cell, Column, Row, number_cell
from cxrtk.report.words import printable

ADVICE = (
    "Maps against boxes, and other images: by cxrtk findings --model RUN.",
    "A finding that is in all of the images, or in none, has no area and is not part of any mean.",
)


def section(folder: Path, findings: Sequence[Mapping[str, Any]], truth: str, resolution: str) -> Section:
    """Make the section with ROC curves, if the run kept its probabilities, and a table of the findings.

    Args:
        folder: Folder of the run.
        findings: Scores written by `cxrtk.evaluation.finding_report`.
        truth: Origin of the ground truth.
        resolution: Image size of the evaluation.

    Raises:
        DataError: A file is damaged.
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
    tables = [Table("test_findings", "Each finding", columns, rows)]
    return Section("test", "Test", text, _figures(folder / TABLE, findings), tables)


def _figures(path: Path, findings: Sequence[Mapping[str, Any]]) -> list[Drawn]:
    """Draw the ROC curves; empty if no finding has a curve or no probabilities were kept."""
    if not path.is_file():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            images = list(csv.DictReader(file))
        found = {
            printable(name): roc_findings.curve(
                [float(image[name]) for image in images], [int(image[f"{name}{TRUTH}"]) for image in images]
            )
            for name in (str(each["finding"]) for each in findings)
        }
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path}: is not a table of findings that a run wrote: {error!r}.") from error
    curves = {name: each for name, each in found.items() if each is not None}
    return [roc_findings.draw(curves)] if curves else []


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
