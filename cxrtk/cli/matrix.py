"""Matrix of evaluations: models x data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cxrtk.cli.evaluation_tables import number
from cxrtk.cli.tables import print_table

if TYPE_CHECKING:
    from cxrtk.evaluation.summary import Summary
    from cxrtk.evaluation.table import Evaluation
    from cxrtk.inference.scoring.summed import Done

FILE = "matrix"


class Cell(NamedTuple):
    """One evaluation, or the reason why there is none."""

    done: Done | None
    reason: str


Cells = Mapping[tuple[str, str], Cell]


def write_matrix(cells: Cells, output: Path) -> list[dict[str, Any]]:
    """Write ``matrix.json`` and ``matrix.csv``, with one row per cell and metric; return the rows."""
    from cxrtk.data.atomic import write_json
    from cxrtk.data.table import write_table

    rows = [row for (name, place), cell in cells.items() for row in _rows(name, place, cell)]
    write_json(output / f"{FILE}.json", rows)
    write_table(output / f"{FILE}.csv", rows)
    return rows


def _rows(name: str, place: str, cell: Cell) -> list[dict[str, Any]]:
    first = {"model": name, "dataset": place}
    if cell.done is None:
        return [{**first, "reason": cell.reason}]
    evaluation = cell.done.evaluation
    about = {
        **first,
        "truth": evaluation.truth,
        "part": evaluation.about["split"]["part"],
        "trained_on": _seen(evaluation),
        "reason": "",
    }
    return [{**about, **_numbers(summary)} for summary in cell.done.summaries]


def _seen(evaluation: Evaluation) -> int:
    """Number of images on which the model was trained or its checkpoint was selected."""
    if evaluation.about["predictions"]["kind"] != "model":
        return 0
    return sum(case.part in ("train", "validation") for case in evaluation.cases)


def _numbers(summary: Summary) -> dict[str, Any]:
    low, high = summary.interval or (None, None)
    return {
        "metric": summary.metric,
        "unit": summary.unit,
        "images": summary.images,
        "failures": summary.failures,
        "mean": summary.mean,
        "low": low,
        "high": high,
        "median": summary.median,
        "sd": summary.sd,
        "worst_decile": summary.worst_decile,
    }


def print_matrix(cells: Cells, names: Sequence[str], places: Sequence[str]) -> None:
    """Print mean Dice (or the first metric) of each cell with its interval, images and failures."""
    rows = [{"model": name, **{place: _text(cells[name, place]) for place in places}} for name in names]
    print_table(rows, ["model", *places])
    print(
        "Mean and 95 % interval, images (failed cases); t: the test part of the model's run; *: the model was"
    )
    print("trained on some of the images; -: the model was trained on the other convention.")


def _text(cell: Cell) -> str:
    if cell.done is None:
        return "-"
    summaries = cell.done.summaries
    chosen = next((each for each in summaries if each.metric == "dice"), summaries[0])
    limits = "" if chosen.interval is None else " to ".join(number(x, chosen.unit) for x in chosen.interval)
    evaluation = cell.done.evaluation
    mark = " t" if evaluation.about["split"]["part"] == "test" else ""
    mark += " *" if _seen(evaluation) else ""
    return f"{number(chosen.mean, chosen.unit)} ({limits}) {chosen.images} ({chosen.failures}){mark}"
