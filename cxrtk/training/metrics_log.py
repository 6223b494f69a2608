"""Metrics of each epoch as JSON lines: ``metrics.jsonl``, for programs and for resuming."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import replacing

FILE = "metrics.jsonl"


def append(folder: Path, row: Mapping[str, Any]) -> None:
    """Append one epoch's row. NaN and infinities, which JSON lacks, become null."""
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(_finite(row), allow_nan=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the rows; an incomplete last line from a killed process is skipped."""
    path = folder / FILE
    if not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def cut(folder: Path, epoch: int) -> None:
    """Drop the rows after `epoch`, since those epochs are run again."""
    if (folder / FILE).exists():
        rows = [row for row in read(folder) if row["epoch"] <= epoch]
        with replacing(folder / FILE, durable=True) as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
