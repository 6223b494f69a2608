"""Summaries of an evaluation, over all cases and by column, and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.evaluation.bootstrap import RESAMPLES
from cxrtk.evaluation.storage import read_stored
from cxrtk.evaluation.subgroups import subgroups
from cxrtk.evaluation.summary import Summary, summarise, summarise_cases
from cxrtk.evaluation.table import Evaluation


@dataclass(frozen=True)
class Done:
    """An evaluation with its summaries."""

    evaluation: Evaluation
    summaries: Sequence[Summary]
    subgroups: Mapping[str, Mapping[str, Sequence[Summary]]]


def summed_up(
    evaluation: Evaluation, columns: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> Done:
    """Summarise an evaluation over all cases and by each column, with bootstrap intervals."""
    settings: dict[str, Any] = {"resamples": resamples, "seed": seed}
    groups = {
        column: {
            value: [
                summary
                for name, about in evaluation.metrics.items()
                for summary in summarise_cases(cases, name, about, **settings)
            ]
            for value, cases in subgroups(evaluation.cases, column).items()
        }
        for column in columns
    }
    return Done(evaluation, summarise(evaluation, **settings), groups)


def read_done(folder: Path) -> Done:
    """Read the evaluation in a folder, with the summaries that were written with it.

    Raises:
        DataError: The folder holds no evaluation.
    """
    evaluation, content = read_stored(folder)
    groups = {
        column: {value: [_summary(each) for each in some] for value, some in groups.items()}
        for column, groups in content["subgroups"].items()
    }
    return Done(evaluation, [_summary(each) for each in content["summary"]], groups)


def _summary(row: Mapping[str, Any]) -> Summary:
    interval = row["interval"]
    return Summary(**{**row, "interval": None if interval is None else (interval[0], interval[1])})
