"""Measures and quality flags of all radiographs, as one table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk import Segmentation, Writer, writers

FILE = "measures.csv"
LAST = ("quality_flag", "quality_score", "quality_reasons")


@writers.register("csv")
class CsvWriter(Writer):
    """Writes ``measures.csv`` at the end: a row for each input, blank where there is no value.

    Nested measures become columns: ``area_mm2`` of the class ``heart`` is ``area_mm2_heart``.
    """

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Nothing: a table of one row helps nobody."""
        return []

    def finish(self, output_dir: Path, rows: Sequence[Mapping[str, Any]]) -> list[Path]:
        """The table."""
        table = [flat(row) for row in rows]
        columns = dict.fromkeys(column for row in table for column in row)
        path = output_dir / FILE
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(columns), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
        return [path]


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Input and status, each measure, and the quality flag.

    >>> flat({"input": "a.png", "status": "ok", "measures": {"area_px": {"heart": 9}, "spacing_mm": [1, 2]}})
    {'input': 'a.png', 'status': 'ok', 'area_px_heart': 9, 'spacing_mm': '1 2'}
    """
    cells = {"input": row["input"], "status": row["status"]}
    for name, value in (row.get("measures") or {}).items():
        if isinstance(value, Mapping):
            cells |= {f"{name}_{key}": _cell(one) for key, one in value.items()}
        else:
            cells[name] = _cell(value)
    quality = row.get("quality") or {}
    if quality:
        cells |= dict(
            zip(
                LAST,
                (quality.get("flag"), quality.get("score"), "; ".join(quality.get("reasons", ()))),
                strict=True,
            )
        )
    return cells


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
