"""Summaries of an evaluation, over all cases and by column, and their files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.evaluation.storage import FILE, read_evaluation
from cxrtk.evaluation.subgroups import subgroups
from cxrtk.evaluation.summary import Summary, summarise, summarise_cases
from cxrtk.evaluation.table import Evaluation
from cxrtk.inference.scoring.options import EvaluationOptions


@dataclass(frozen=True)
class Done:
    """An evaluation with its summaries."""

    evaluation: Evaluation
    summaries: Sequence[Summary]
    subgroups: Mapping[str, Mapping[str, Sequence[Summary]]]


def summed_up(evaluation: Evaluation, options: EvaluationOptions, columns: Sequence[str] = ()) -> Done:
    """Summarise an evaluation over all cases and by each column."""
    settings: dict[str, Any] = {"resamples": options.resamples, "seed": options.seed}
    groups = {
        column: {
            value: [
                summary
                for name, about in evaluation.metrics.items()
                for summary in summarise_cases(cases, name, about, **settings)
            ]
            for value, cases in subgroups(evaluation.cases, column).items()
        }
        for column in columns or options.by
    }
    return Done(evaluation, summarise(evaluation, **settings), groups)


def read_done(folder: Path) -> Done:
    """Read the evaluation in a folder, with the summaries that were written with it.

    Raises:
        DataError: The folder holds no evaluation.
    """
    evaluation = read_evaluation(folder)
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    groups = {
        column: {value: [_summary(each) for each in some] for value, some in groups.items()}
        for column, groups in content["subgroups"].items()
    }
    return Done(evaluation, [_summary(each) for each in content["summary"]], groups)


def _summary(row: Mapping[str, Any]) -> Summary:
    interval = row["interval"]
    return Summary(**{**row, "interval": None if interval is None else (interval[0], interval[1])})
