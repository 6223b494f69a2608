"""Tables over all radiographs: probabilities as CSV, areas under the ROC curves, and localisation scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from cxrtk.data.atomic import write_json
from cxrtk.data.table import write_table
from cxrtk.evaluation.finding_report import METRICS, TABLE, TRUTH, write_metrics
from cxrtk.evaluation.findings import score_findings
from cxrtk.evaluation.localisation import LocalisedCase
from cxrtk.evaluation.localisation_summary import summarise
from cxrtk.inference.classification.pointing import case_of

LOCALISATION = "localisation.json"
CASES = "localisation.csv"
CASE_COLUMNS = ("image", "finding", "contrast", "pointing", "chance", "best_iou", "best_iobb")

Rows = Iterable[Mapping[str, Any]]


def write(rows: Rows, names: Sequence[str], output_dir: Path, *, seed: int = 0) -> list[Path]:
    """Write ``findings.csv``; with ground truth, also ``test_metrics.json`` and ``localisation.json``.

    Args:
        rows: Rows as `cxrtk.inference.FindingsStep` makes them; iterated several times.
        names: Names of the findings.
        output_dir: Folder to write to.
        seed: Seed of the bootstrap intervals.

    Returns:
        Paths of the files written.
    """
    columns = ["image", "status", "reason", "flags", *names, *(f"{name}{TRUTH}" for name in names)]
    table = write_table(output_dir / TABLE, _lines(rows, names), columns)
    return [table, *_metrics(rows, names, output_dir, seed), *_localisation(rows, output_dir)]


def _looked_at(rows: Rows) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if row["status"] != "left_out")


def _lines(rows: Rows, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield one line per image, identified by its file name if that is unique, otherwise by its path."""
    files = [PurePath(row["input"]).name for row in _looked_at(rows)]
    unique = len(set(files)) == len(files)
    for row in _looked_at(rows):
        name = PurePath(row["input"]).name if unique else row["input"]
        line = {"image": name, **{key: row.get(key) for key in ("status", "reason", "flags")}}
        if row["probabilities"] is not None:
            numbers = (f"{value:.6f}" for value in row["probabilities"])
            line |= dict(zip(names, numbers, strict=True))
        if row["truth"] is not None:
            line |= {f"{name}{TRUTH}": value for name, value in zip(names, row["truth"], strict=True)}
        yield line


def _metrics(rows: Rows, names: Sequence[str], output_dir: Path, seed: int) -> list[Path]:
    probabilities, labels, patients, failed = [], [], [], 0
    for row in _looked_at(rows):
        if row["probabilities"] is None or row["truth"] is None:
            failed += 1
            continue
        probabilities.append(np.array(row["probabilities"], np.float64))
        labels.append(np.array(row["truth"], np.uint8))
        patients.append(str(row["patient"]))
    if not patients:
        return []
    scores = score_findings(np.stack(probabilities), np.stack(labels), patients, names, seed=seed)
    about = {"truth": "findings in the data set's table", "failed_images": str(failed)}
    write_metrics(scores, about, output_dir / METRICS)
    return [output_dir / METRICS]


def _localisation(rows: Rows, output_dir: Path) -> list[Path]:
    cases = [case_of(case) for row in _looked_at(rows) for case in row["cases"]]
    if not cases:
        return []
    summary = [asdict(each) for each in summarise(cases)]
    localisation = write_json(output_dir / LOCALISATION, summary, indent=2)
    table = write_table(output_dir / CASES, map(_case_line, cases), CASE_COLUMNS)
    return [localisation, table]


def _case_line(case: LocalisedCase) -> dict[str, Any]:
    best = {
        f"best_{name}": f"{max(values, default=0.0):.4f}"
        for name, values in (("iou", case.ious), ("iobb", case.iobbs))
    }
    hit = {"contrast": int(case.contrast), "pointing": int(case.pointing), "chance": f"{case.chance:.4f}"}
    return {"image": case.image, "finding": case.finding, **hit, **best}
