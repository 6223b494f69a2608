"""Tests of the folds of a cross-validation, with mean and spread over the folds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import write_json
from cxrtk.evaluation.run_results import RunResult

FILE = "summary.json"  # in the folder of the folds


@dataclass(frozen=True)
class FoldSummary:
    """The folds and their spread.

    Attributes:
        folds: Test metrics of each tested fold, by its name.
        images: Number of test images, by the name of the fold.
        mean: Mean of each metric over the folds, with equal weights.
        sd: Standard deviation over the folds (divided by one less than their number); ``None`` for one fold.
        untested: Names of the folds without a test, which are excluded from all numbers.
    """

    folds: Mapping[str, Mapping[str, float]]
    images: Mapping[str, int]
    mean: Mapping[str, float]
    sd: Mapping[str, float | None]
    untested: Sequence[str]

    def write(self, folder: Path) -> None:
        """Write ``summary.json``."""
        content: dict[str, Any] = {
            "folds": self.folds,
            "images": self.images,
            "mean": self.mean,
            "sd": self.sd,
            "untested": list(self.untested),
        }
        write_json(folder / FILE, content, indent=2)


def summarise(runs: Sequence[RunResult]) -> FoldSummary:
    """Summarise the folds by the metrics that all tested folds have."""
    tested = [run for run in runs if run.test]
    names = [
        name
        for name in (tested[0].test["metrics"] if tested else {})
        if all(name in run.test["metrics"] for run in tested)
    ]
    values = {name: [float(run.test["metrics"][name]) for run in tested] for name in names}
    return FoldSummary(
        folds={run.name: {name: float(run.test["metrics"][name]) for name in names} for run in tested},
        images={run.name: int(run.test["images"]) for run in tested},
        mean={name: statistics.fmean(each) for name, each in values.items()},
        sd={name: statistics.stdev(each) if len(each) > 1 else None for name, each in values.items()},
        untested=[run.name for run in runs if not run.test],
    )
