"""Execution and display of an evaluation, or of a matrix of evaluations."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cxrtk.cli import evaluation_tables as tables
from cxrtk.cli.matrix import Cell, print_matrix, write_matrix
from cxrtk.cli.tables import print_json
from cxrtk.cli.walk import Walk, walk
from cxrtk.data.atomic import write_json
from cxrtk.errors import ConfigError
from cxrtk.evaluation.paired import compare
from cxrtk.evaluation.storage import read_evaluation
from cxrtk.inference.scoring.predictions import LungSettings, predictions_of
from cxrtk.inference.scoring.summed import Done, read_done
from cxrtk.passes.walk import Result
from cxrtk.wording import counted, distinct

DataFolder = tuple[Path, str]  # with the name of its reader


class Shown:
    """Output options: what is printed on the screen."""

    def __init__(self, rows: int, *, as_json: bool, quiet: bool) -> None:
        self.rows = rows
        self.as_json = as_json
        self.quiet = quiet

    def say_part(self, how: Walk) -> None:
        """Print that this part is done and others are unfinished."""
        if not self.quiet:
            part = f"part {how.part_id} of {how.num_parts}"
            print(
                f"{part} is done; the part that finishes last writes the tables; see {how.output}",
                file=sys.stderr,
            )

    def warn(self, warnings: Sequence[str], where: str = "") -> None:
        """Print warnings on stderr, one line each, even in quiet mode."""
        for warning in warnings:
            print(f"cxrtk: warning: {where}{warning}", file=sys.stderr)


def single(
    model: str,
    data: DataFolder,
    what: Mapping[str, Any],
    how: Walk,
    shown: Shown,
    other: Path | None,
) -> int:
    """Run one evaluation; return the exit code.

    Args:
        model: Name of the model; empty if another source of predictions is evaluated.
        data: Data set with the ground truth.
        what: Further arguments of the step.
        how: Options of the pass.
        shown: Output options.
        other: Folder of another evaluation to compare with.
    """
    known = read_evaluation(other) if other is not None else None
    result = _walk(model, data, what, how)
    if not result.complete:
        shown.say_part(how)
        return result.exit_code
    done = read_done(how.output)
    comparisons = compare(done.evaluation, known, seed=what["seed"]) if known is not None else []
    shown.warn(done.evaluation.warnings)
    if comparisons:
        rows = [asdict(each) for each in comparisons]
        write_json(how.output / "comparison.json", {"other": str(other), "metrics": rows})
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
            print(f"\nAgainst {other}, over the images of both (difference: this minus the other):")
            tables.print_comparisons(comparisons)
    if not shown.quiet:
        print(sentence(done, how.output), file=sys.stderr)
    return result.exit_code


def matrix(
    models: Sequence[str], sets: Sequence[DataFolder], what: Mapping[str, Any], how: Walk, shown: Shown
) -> int:
    """Evaluate each model, or another source of predictions, on each data set; return the exit code."""
    names = distinct([_name_of(model, what) for model in models])
    places = distinct([path.resolve().name for path, _ in sets])
    cells: dict[tuple[str, str], Cell] = {}
    code, complete = 0, True
    for model, name in zip(models, names, strict=True):
        for data, place in zip(sets, places, strict=True):
            output = how.output / name / place
            try:
                result = _walk(model, data, what, replace(how, output=output))
            except ConfigError as error:  # a model of the other heart convention has no value in this cell
                cells[name, place] = Cell(None, str(error))
                shown.warn([str(error)], f"{name} on {place}: ")
                continue
            code = code or result.exit_code
            if not result.complete:
                complete = False
                continue
            done = read_done(output)
            cells[name, place] = Cell(done, "")
            shown.warn(done.evaluation.warnings, f"{name} on {place}: ")
    if not complete:
        shown.say_part(how)
        return code
    content = write_matrix(cells, how.output)
    if shown.as_json:
        print_json(content)
    elif not shown.quiet:
        print_matrix(cells, names, places)
        print(f"{len(cells)} evaluations; see {how.output}", file=sys.stderr)
    return code


def _walk(model: str, data: DataFolder, what: Mapping[str, Any], how: Walk) -> Result:
    path, reader = data
    arguments = {
        **what,
        "model": model,
        "dataset_dir": str(path),
        "reader": reader,
        "reader_arguments": dict(how.reader_arguments),
    }
    return walk("evaluate", "evaluate", arguments, replace(how, inputs=[str(path)], reader=reader))


def _name_of(model: str, what: Mapping[str, Any]) -> str:
    """Name of the evaluated predictions, as in the record."""
    found = predictions_of(
        LungSettings(what["device"], what["threshold"], backend="torch"),
        model=model,
        folds=what["folds"],
        folder=what["predictions"],
        generator=what["masks"],
        arguments=what["masks_arguments"],
        splits=what["splits"],
        class_numbers=what["class_numbers"],
    )
    return str(found.about["name"])


def sentence(done: Done, output: Path) -> str:
    """Summarise the predictions, the ground truth and the location of the results in one line."""
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
