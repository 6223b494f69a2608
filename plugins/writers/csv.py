"""Writer of the measures and quality flags of all radiographs as one CSV table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cxrtk import Segmentation, Writer, passes, writers

FILE = "measures.csv"


@writers.register("csv")
class CsvWriter(Writer):
    """Writer of ``measures.csv`` at the end of a pass: one row per input, blank where there is no value.

    Nested measures are flattened to columns: ``area_mm2`` of the class ``heart`` is ``area_mm2_heart``.
    """

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write nothing; the table is written by `finish`."""
        return []

    def finish(self, output_dir: Path, rows: Iterable[Mapping[str, Any]]) -> list[Path]:
        """Write the table, without the files that were left out."""
        return [passes.write_table(output_dir / FILE, _Flat(rows))]


class _Flat:
    """Re-iterable sequence of the table's rows, which are computed on each iteration."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (flat(row) for row in self.rows if row["status"] != "left_out")


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten a row: input and status, each measure, the quality flag, and the flags of the reader.

    >>> flat({"input": "a.png", "status": "ok", "measures": {"area_px": {"heart": 9}, "spacing_mm": [1, 2]}})
    {'input': 'a.png', 'status': 'ok', 'area_px_heart': 9, 'spacing_mm': [1, 2]}
    """
    cells = {"input": row["input"], "status": row["status"]}
    for name, value in (row.get("measures") or {}).items():
        if isinstance(value, Mapping):
            cells |= {f"{name}_{key}": one for key, one in value.items()}
        else:
            cells[name] = value
    quality = row.get("quality") or {}
    if quality:
        cells["quality_flag"], cells["quality_score"] = quality.get("flag"), quality.get("score")
        cells["quality_reasons"] = "; ".join(quality.get("reasons", ()))
        cells |= {f"quality_{name}": flag for name, flag in quality.get("organs", {}).items()}
        cells["flags"] = row.get("flags", ())
    return cells
