"""Comparison of training runs: settings that differ, and tests with intervals, paired where possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cxrtk.evaluation.bootstrap import Interval, interval_of_mean
from cxrtk.evaluation.run_results import RunResult, Values
from cxrtk.training.flat_config import NAMING
from cxrtk.wording import counted

MISSING = "(none)"  # shown for an id that a config lacks
MAKES_TRUTH = "mask_generator#"


@dataclass(frozen=True)
class Mean:
    """A mean over images with its 95 % bootstrap interval, by patient.

    Attributes:
        mean: The mean.
        interval: The interval; ``None`` for fewer than two patients.
        images: Number of images.
    """

    mean: float
    interval: Interval | None
    images: int


@dataclass(frozen=True)
class Row:
    """One metric of one run.

    Attributes:
        metric: Name of the metric.
        run: Name of the run.
        test: Mean over the run's test images; ``None`` if the run has no values per image.
        difference: This run minus the first, paired by image; ``None`` for the first, and without pairs.
    """

    metric: str
    run: str
    test: Mean | None
    difference: Mean | None


def differing(runs: Sequence[RunResult]) -> dict[str, list[Any]]:
    """Return the settings that differ between the runs: id -> value in each run."""
    ids = dict.fromkeys(id for run in runs for id in run.settings if id not in NAMING)
    found = {id: [run.settings.get(id, MISSING) for run in runs] for id in ids}
    return {id: values for id, values in found.items() if any(value != values[0] for value in values[1:])}


def rows(runs: Sequence[RunResult], *, seed: int = 0) -> list[Row]:
    """Return each metric of each run, in the order of the first run that has it.

    Args:
        runs: The runs; the others are compared with the first.
        seed: Seed of the bootstrap.
    """
    names = dict.fromkeys(name for run in runs for name in run.metrics)
    paired = [not reason_against(runs[0], run) for run in runs]
    return [
        Row(
            name,
            run.name,
            _mean(run, run.metrics.get(name, {}), seed),
            _difference(runs[0], run, name, seed) if number and paired[number] else None,
        )
        for name in names
        for number, run in enumerate(runs)
    ]


def reason_against(first: RunResult, other: RunResult) -> str:
    """Return the reason why the tests of two runs cannot be paired by image; empty if they can."""
    for run in (first, other):
        if not run.test:
            return f"{run.name} was not tested"
    if first.images != other.images or not first.images:
        both = len(first.images & other.images)
        return (
            f"the test images differ: {first.name} has {len(first.images)}, {other.name} has "
            f"{len(other.images)}, and {both} are in both"
        )
    if first.test.get("truth") != other.test.get("truth") or _generator(first) != _generator(other):
        return f"{first.name} and {other.name} were tested against different masks"
    changed = sum(first.states.get(name) != other.states.get(name) for name in first.images)
    if changed:
        return (
            f"{counted(changed, 'test image')} of {first.name} and {other.name} have different "
            "pixels or masks"
        )
    return ""


def notes(runs: Sequence[RunResult]) -> list[str]:
    """Return a line for each run that is not paired with the first, and one if patients are not known."""
    found = [
        f"No differences between {runs[0].name} and {run.name}: {reason}."
        for run in runs[1:]
        if (reason := reason_against(runs[0], run))
    ]
    if any("test images differ" in line for line in found):
        found.append(
            "Measure both on images that neither was trained on: cxrtk evaluate --model A, then --model B "
            "--compare."
        )
    unknown = [run.name for run in runs if run.test and not run.patients]
    if unknown:
        found.append(f"Intervals are by image, not by patient, which was not recorded: {', '.join(unknown)}.")
    return found


def _generator(run: RunResult) -> dict[str, Any]:
    """Return the settings of the mask generator of a run, if its masks were generated."""
    if not str(run.test.get("truth", "")).startswith("generated"):
        return {}
    return {id: value for id, value in run.settings.items() if id.startswith(MAKES_TRUTH)}


def _mean(run: RunResult, values: Values, seed: int) -> Mean | None:
    if not values:
        return None
    numbers = list(values.values())
    patients = [str(run.patients.get(name, name)) for name in values]
    interval = interval_of_mean(numbers, patients, seed=seed)
    return Mean(sum(numbers) / len(numbers), interval, len(numbers))


def _difference(first: RunResult, other: RunResult, metric: str, seed: int) -> Mean | None:
    """Return `other` minus `first` over the images that have a value in both."""
    before, after = first.metrics.get(metric, {}), other.metrics.get(metric, {})
    return _mean(first, {name: after[name] - before[name] for name in before if name in after}, seed)
