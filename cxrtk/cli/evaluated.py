"""An evaluation, or a matrix of them, run and shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cxrtk.cli import evaluation_tables as tables
from cxrtk.cli.matrix import Cell, print_matrix, write_matrix
from cxrtk.cli.tables import print_json
from cxrtk.data.atomic import replacing
from cxrtk.errors import ConfigError
from cxrtk.evaluation.paired import compare
from cxrtk.evaluation.storage import read_evaluation
from cxrtk.inference.scoring.evaluating import DataSet, Done, Options, Predictions, run
from cxrtk.wording import counted, distinct


class Shown:
    """What goes to the screen."""

    def __init__(self, rows: int, *, as_json: bool, quiet: bool) -> None:
        self.rows = rows
        self.as_json = as_json
        self.quiet = quiet

    def progress(self, total: int) -> Callable[[], None]:
        """A bar on stderr; gives what moves it on."""
        from tqdm import tqdm

        bar = tqdm(total=total, desc="evaluate", unit="image", disable=self.quiet or None, leave=False)

        def advance() -> None:
            bar.update()
            if bar.n >= total:
                bar.close()

        return advance

    def warn(self, warnings: Sequence[str], where: str = "") -> None:
        """One line each on stderr, whatever else is quiet."""
        for warning in warnings:
            print(f"cxrtk: warning: {where}{warning}", file=sys.stderr)


def single(
    predictions: Predictions,
    data: DataSet,
    measures: Mapping[str, Any],
    output: Path,
    options: Options,
    shown: Shown,
    other: Path | None,
) -> int:
    """One evaluation; how many images were left out."""
    known = read_evaluation(other) if other is not None else None
    done = run(predictions, data, measures, output, options, shown.progress)
    comparisons = compare(done.evaluation, known, seed=options.seed) if known is not None else []
    shown.warn(done.evaluation.warnings)
    if comparisons:
        rows = [asdict(each) for each in comparisons]
        _write_json(output / "comparison.json", {"other": str(other), "metrics": rows})
    if shown.as_json:
        print_json({**_headline(done), "comparison": [asdict(each) for each in comparisons]})
    elif not shown.quiet:
        if shown.rows:
            tables.print_cases(done.evaluation, shown.rows)
            print()
        tables.print_summaries(done.summaries)
        first = next(iter(done.evaluation.metrics))
        metric = "dice" if "dice" in done.evaluation.metrics else first
        for column, groups in done.subgroups.items():
            print()
            tables.print_subgroups(column, dict(groups), metric)
        if comparisons:
            print(f"\nAgainst {other}, over the images of both (difference: this less the other):")
            tables.print_comparisons(comparisons)
    if not shown.quiet:
        print(sentence(done, output), file=sys.stderr)
    return len(done.evaluation.left_out)


def matrix(
    found: Sequence[Predictions],
    sets: Sequence[DataSet],
    measures: Mapping[str, Any],
    output: Path,
    options: Options,
    shown: Shown,
) -> int:
    """Each of `found` on each of `sets`; how many images were left out in all."""
    names = distinct([str(each.about["name"]) for each in found])
    places = distinct([data.path.resolve().name for data in sets])
    cells: dict[tuple[str, str], Cell] = {}
    for predictions, name in zip(found, names, strict=True):
        for data, place in zip(sets, places, strict=True):
            try:
                done = run(predictions, data, measures, output / name / place, options, shown.progress)
            except ConfigError as error:  # a model of the other convention has no number here
                cells[name, place] = Cell(None, str(error))
                shown.warn([str(error)], f"{name} on {place}: ")
                continue
            cells[name, place] = Cell(done, "")
            shown.warn(done.evaluation.warnings, f"{name} on {place}: ")
    content = write_matrix(cells, output)
    if shown.as_json:
        print_json(content)
    elif not shown.quiet:
        print_matrix(cells, names, places)
        print(f"{len(cells)} evaluations; see {output}", file=sys.stderr)
    return sum(len(cell.done.evaluation.left_out) for cell in cells.values() if cell.done is not None)


def sentence(done: Done, output: Path) -> str:
    """What was measured against what, in one line."""
    evaluation = done.evaluation
    split = evaluation.about["split"]
    of = split["files"][0] if len(split["files"]) == 1 else f"{len(split['files'])} splits"
    which = "all images" if split["part"] == "all" else f"the {split['part']} part of {of}"
    cases = counted(len(evaluation.failed), "failed case")
    images = counted(len(evaluation.cases), "image")
    return f"{images} ({which}) at original size, against {evaluation.truth}; {cases}; see {output}"


def _headline(done: Done) -> dict[str, Any]:
    evaluation = done.evaluation
    return {
        "truth": evaluation.truth,
        "about": dict(evaluation.about),
        "warnings": list(evaluation.warnings),
        "images": len(evaluation.cases),
        "failed": [{"image": case.image, "failure": case.failure} for case in evaluation.failed],
        "left_out": [{"image": image, "reason": reason} for image, reason in evaluation.left_out],
        "summary": [asdict(summary) for summary in done.summaries],
        "subgroups": {
            column: {value: [asdict(each) for each in some] for value, some in groups.items()}
            for column, groups in done.subgroups.items()
        },
    }


def _write_json(path: Path, content: object) -> None:
    with replacing(path) as part:
        part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
