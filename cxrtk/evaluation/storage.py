"""Storage of an evaluation: evaluation.json for programs, cases.csv for spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import write_json
from cxrtk.data.table import write_table
from cxrtk.errors import DataError
from cxrtk.evaluation.summary import Summary
from cxrtk.evaluation.table import Case, Evaluation, MetricAbout

FORMAT = "cxrtk-evaluation-1"
FILE = "evaluation.json"
CASES = "cases.csv"
CURVES = "curves.npz"
MASKS = "masks"


def write_evaluation(
    evaluation: Evaluation,
    folder: Path,
    *,
    summaries: Sequence[Summary] = (),
    subgroups: Mapping[str, Mapping[str, Sequence[Summary]]] | None = None,
) -> None:
    """Write ``evaluation.json`` and ``cases.csv``, each atomically.

    Args:
        evaluation: Evaluation to write.
        folder: Output folder; created if missing.
        summaries: Summaries of all cases.
        subgroups: Column -> value -> summaries of that subgroup.
    """
    content = {
        "format": FORMAT,
        "truth": evaluation.truth,
        "about": dict(evaluation.about),
        "warnings": list(evaluation.warnings),
        "metrics": {name: asdict(about) for name, about in evaluation.metrics.items()},
        "summary": [asdict(summary) for summary in summaries],
        "subgroups": {
            column: {value: [asdict(summary) for summary in some] for value, some in groups.items()}
            for column, groups in (subgroups or {}).items()
        },
        "failed": [{"image": case.image, "failure": case.failure} for case in evaluation.failed],
        "left_out": [{"image": image, "reason": reason} for image, reason in evaluation.left_out],
        "cases": [asdict(case) for case in evaluation.cases],
    }
    write_json(folder / FILE, content)
    write_table(folder / CASES, [_row(case, evaluation) for case in evaluation.cases])


def read_evaluation(folder: Path) -> Evaluation:
    """Read the files of `write_evaluation`, except the summaries, which can be recomputed.

    Raises:
        DataError: The file does not exist or is invalid.
    """
    return read_stored(folder)[0]


def read_stored(folder: Path) -> tuple[Evaluation, dict[str, Any]]:
    """Read an evaluation and the whole content of its file, summaries included.

    Raises:
        DataError: The file does not exist or is invalid.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"it is of the format {content['format']!r}, not {FORMAT!r}")
        evaluation = Evaluation(
            cases=tuple(case_of(row) for row in content["cases"]),
            metrics={name: MetricAbout(**about) for name, about in content["metrics"].items()},
            about=content["about"],
            warnings=tuple(content["warnings"]),
            left_out=tuple((row["image"], row["reason"]) for row in content["left_out"]),
        )
        return evaluation, content
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: is not an evaluation that `cxrtk evaluate` wrote: {error}.") from error


def case_of(row: Mapping[str, Any]) -> Case:
    """Restore a case from its JSON form."""
    spacing = row["spacing_mm"]
    return Case(
        **{
            **row,
            "shape": (row["shape"][0], row["shape"][1]),
            "spacing_mm": None if spacing is None else (spacing[0], spacing[1]),
            "flags": tuple(row.get("flags", ())),  # not in evaluations of earlier versions
        }
    )


def _row(case: Case, evaluation: Evaluation) -> dict[str, Any]:
    """Return one line of the CSV file, including the units of distances, which may differ between images."""
    row_mm, column_mm = case.spacing_mm or ("", "")
    return {
        "image": case.image,
        "patient": case.patient,
        "part": case.part,
        "truth": case.truth,
        "heart": case.heart,
        "failure": case.failure,
        "flags": " ".join(case.flags),
        "height": case.shape[0],
        "width": case.shape[1],
        "row_mm": row_mm,
        "column_mm": column_mm,
        "spacing_source": case.spacing_source or "",
        "unit": case.length_unit,
        "prediction_pixels": case.prediction_pixels,
        "truth_pixels": case.truth_pixels,
        **{name: case.values[name] for name in evaluation.metrics},
        "mask": case.mask,
        **{f"column:{name}": value for name, value in case.columns.items()},
    }
