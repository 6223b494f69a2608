"""Display of evaluations on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxrtk.cli.tables import print_table

if TYPE_CHECKING:
    from cxrtk.evaluation.paired import Comparison
    from cxrtk.evaluation.summary import Summary
    from cxrtk.evaluation.table import Case, Evaluation

SHOWN = ("iou", "dice", "hd95")  # per image
SUMMARY = ("metric", "mean", "95 % CI", "median", "SD", "worst 10 %", "worst", "images", "failed")
COMPARED = ("metric", "this", "other", "difference", "95 % CI", "p", "better", "worse", "pairs")


def print_cases(evaluation: Evaluation, rows: int) -> None:
    """Print IoU and Dice of the worst images, or of all in order if they are few."""
    by = next((name for name in ("dice", *evaluation.metrics) if name in evaluation.metrics), "")
    sign = 1 if evaluation.metrics[by].higher_is_better else -1
    cases = list(evaluation.cases)
    if len(cases) > rows:
        cases = sorted(cases, key=lambda case: sign * case.values[by])[:rows]
        print(f"The worst {rows} of {len(evaluation.cases)} images; all are in cases.csv.")
    names = [name for name in SHOWN if name in evaluation.metrics]
    print_table([_case(case, evaluation, names) for case in cases], ["image", *names, "part", "failed case"])


def _case(case: Case, evaluation: Evaluation, names: Sequence[str]) -> dict[str, str]:
    values = {name: number(case.values[name], evaluation.metrics[name].unit_of(case)) for name in names}
    return {"image": case.image, **values, "part": case.part, "failed case": case.failure}


def print_summaries(summaries: Sequence[Summary]) -> None:
    """Print one line per metric."""
    print_table([_summary(summary) for summary in summaries], SUMMARY)


def print_subgroups(column: str, groups: dict[str, Sequence[Summary]], metric: str) -> None:
    """Print one line per value of a column, for one metric."""
    rows = [
        {column: value, **_summary(summary)}
        for value, some in groups.items()
        for summary in some
        if summary.metric == metric
    ]
    print_table(rows, [column, *SUMMARY])


def _summary(summary: Summary) -> dict[str, str]:
    unit = summary.unit
    return {
        "metric": named(summary.metric, unit),
        "mean": number(summary.mean, unit),
        "95 % CI": interval(summary.interval, unit),
        "median": number(summary.median, unit),
        "SD": "" if summary.sd is None else number(summary.sd, unit),
        "worst 10 %": number(summary.worst_decile, unit),
        "worst": number(summary.worst, unit),
        "images": str(summary.images),
        "failed": str(summary.failures),
    }


def print_comparisons(comparisons: Sequence[Comparison]) -> None:
    """Print the difference to another evaluation, one line per metric."""
    print_table([_comparison(each) for each in comparisons], COMPARED)


def _comparison(each: Comparison) -> dict[str, str]:
    return {
        "metric": named(each.metric, each.unit),
        "this": number(each.first, each.unit),
        "other": number(each.second, each.unit),
        "difference": number(each.difference, each.unit),
        "95 % CI": interval(each.interval, each.unit),
        "p": "" if each.p_value is None else f"{each.p_value:.2g}",
        "better": str(each.better),
        "worse": str(each.worse),
        "pairs": str(each.pairs),
    }


def number(value: float, unit: str) -> str:
    """Format a value: four decimals for a ratio, two for a distance, none for an area, with the unit."""
    if is_ratio(unit):
        return f"{value:.4f}"
    return f"{value:.2f} {unit}" if abs(value) < 1000 else f"{value:.0f} {unit}"


def is_ratio(unit: str) -> bool:
    """Return whether values of this unit are dimensionless, such as those at a tolerance."""
    from cxrtk.evaluation.table import TOLERANCE

    return not unit or unit.startswith(TOLERANCE)


def named(metric: str, unit: str) -> str:
    """Name of a metric, with the tolerance on which its dimensionless values depend."""
    return f"{metric} ({unit})" if unit and is_ratio(unit) else metric


def interval(limits: tuple[float, float] | None, unit: str) -> str:
    """Format both ends of a confidence interval."""
    if limits is None:
        return ""
    low, high = (number(value, unit).split(" ")[0] for value in limits)
    return f"{low} to {high}"
