"""Tables of an evaluation: summary of the metrics, groups, failed cases, and one row per image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxrtk.evaluation.subgroups import subgroups as grouped
from cxrtk.evaluation.summary import Summary
from cxrtk.evaluation.table import TOLERANCE, Case, Evaluation
from cxrtk.report.document import Table
from cxrtk.report.evaluated_images import Intensity
from cxrtk.report.table import Cell, Column, Row
from cxrtk.report.words import NO_VALUE, Fact, printable

NAMES = {
    "dice": "Dice",
    "iou": "IoU",
    "pixel_accuracy": "Pixel accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "precision": "Precision",
    "area_error": "Area error",
    "roc_auc": "ROC-AUC",
    "average_precision": "Average precision",
    "hd95": "HD95",
    "assd": "ASSD",
    "nsd": "NSD",
    "ece": "ECE",
    "mean_auc": "mean AUC",  # over a classifier's findings
}
SHOWN = ("dice", "iou", "hd95", "nsd")  # metrics for sorting cards and comparing groups
SIGNS = {"mm2": "mm²", "pixels": "px"}


def name_of(metric: str) -> str:
    """Return a built-in metric's display name as used in papers; other metrics keep their names."""
    return NAMES.get(metric, metric)


def named(evaluation: Evaluation, metric: str) -> str:
    """Return the display name of a metric, with its unit if all images share it."""
    units = {evaluation.metrics[metric].unit_of(case) for case in evaluation.cases} - {""}
    return f"{name_of(metric)} ({_sign(units.pop())})" if len(units) == 1 else name_of(metric)


def shown(evaluation: Evaluation) -> list[str]:
    """Return the most important of the available metrics."""
    return [name for name in SHOWN if name in evaluation.metrics] or list(evaluation.metrics)[:1]


def number(value: float, unit: str) -> str:
    """Format a value: four decimals for a ratio, two for a distance, none for an area."""
    if not unit or unit.startswith(TOLERANCE):
        return f"{value:.4f}"
    return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"


def number_of(value: float | None, unit: str) -> Cell:
    """Make the cell of a value, with a dash for a missing one."""
    return Cell(NO_VALUE if value is None else number(value, unit), value)


def interval(each: Summary) -> str:
    """Format both ends of a confidence interval."""
    if each.interval is None:
        return NO_VALUE
    low, high = (number(value, each.unit) for value in each.interval)
    return f"{low} to {high}"


def summary(summaries: Sequence[Summary]) -> Table:
    """Make the summary table, with one row per metric and unit."""
    columns = [
        Column("Metric", numeric=False),
        Column("Mean"),
        Column("95 % interval", numeric=False),
        *map(Column, ("Median", "SD", "Worst 10 %", "Worst", "Best", "Images", "Failed")),
    ]
    rows = [Row([Cell(_titled(each), each.metric), *_numbers(each)]) for each in summaries]
    note = "Errors, of which lower is better, are marked by ↓."
    return Table("summary", "All images", columns, rows, note)


def subgroups(column: str, found: Mapping[str, Sequence[Summary]]) -> Table:
    """Make the table of groups, with one row per value of the column and main metric."""
    label = printable(column)
    columns = [
        Column(label, numeric=False),
        Column("Metric", numeric=False),
        Column("Mean"),
        Column("95 % interval", numeric=False),
        *map(Column, ("Median", "SD", "Worst 10 %", "Worst", "Best", "Images", "Failed")),
    ]
    rows = [
        Row([Cell(printable(value), printable(value)), Cell(_titled(each), each.metric), *_numbers(each)])
        for value, some in found.items()
        for each in some
        if each.metric in SHOWN or len(some) == 1
    ]
    return Table(f"by_{_word(column)}", f"By {label}", columns, rows)


def groups(evaluation: Evaluation) -> dict[str, dict[str, list[Case]]]:
    """Group the cases: column -> value -> cases, for the columns requested by the user."""
    return {column: grouped(evaluation.cases, column) for column in evaluation.about.get("by") or ()}


def failures(evaluation: Evaluation, opens: Mapping[str, str]) -> list[Table]:
    """Make the tables of failed cases and of images excluded from all numbers; empty if there are none."""
    columns = [Column("Image", numeric=False), Column("Why", numeric=False)]
    failed = [
        Row([_text(case.image), _text(case.failure)], opens.get(case.image, "")) for case in evaluation.failed
    ]
    left = [Row([_text(image), _text(why)]) for image, why in evaluation.left_out]
    tables = []
    if failed:
        note = "Each is in every mean, with the worst value."
        tables.append(Table("failed", f"Failed cases: {len(failed):,}", columns, failed, note))
    if left:
        tables.append(
            Table("left_out", f"Left out: {len(left):,}", columns, left, "Excluded from all numbers.")
        )
    return tables


def each(
    evaluation: Evaluation, opens: Mapping[str, str], intensities: Mapping[str, Intensity]
) -> list[Table]:
    """Make the table of all images with all metrics, and of the grey levels of readable images."""
    extra = list(evaluation.cases[0].columns)
    columns = [
        Column("Image", numeric=False),
        *(Column(named(evaluation, name)) for name in evaluation.metrics),
        Column("Part", numeric=False),
        *(Column(printable(key), numeric=False) for key in extra),
        Column("Failed case", numeric=False),
    ]
    rows = [
        Row(
            [
                _text(case.image),
                *(
                    number_of(case.values[name], about.unit_of(case))
                    for name, about in evaluation.metrics.items()
                ),
                _text(case.part),
                *(_text(case.columns.get(key, "")) for key in extra),
                _text(case.failure),
            ],
            opens.get(case.image, ""),
        )
        for case in evaluation.cases
    ]
    tables = [Table("images", "Results for each image", columns, rows)]
    if intensities:
        tables.append(_greys(evaluation, opens, intensities))
    return tables


def _greys(evaluation: Evaluation, opens: Mapping[str, str], intensities: Mapping[str, Intensity]) -> Table:
    """Make the table of image mean and median (section VI of the paper)."""
    heads = ("Mean", "Median", "Mean in the truth", "Mean outside")
    rows = [
        Row(
            [_text(case.image), *(number_of(value, "") for value in intensities[case.image])],
            opens.get(case.image, ""),
        )
        for case in evaluation.cases
        if case.image in intensities
    ]
    note = "Of all pixels, on the scale from 0 to 1 of the range that the file declares."
    return Table(
        "intensities", "Mean and median of each image's greys",
        [Column("Image", numeric=False), *map(Column, heads)], rows, note, folded=True,
    )  # fmt: skip


def facts(case: Case, evaluation: Evaluation, metric: str) -> list[Fact]:
    """Return all values of one image; the most important ones also appear on the small card."""
    brief = {metric, *shown(evaluation)}
    found = [
        Fact(name_of(name), _with_unit(case.values[name], about.unit_of(case)), name in brief)
        for name, about in evaluation.metrics.items()
    ]
    row, column = case.spacing_mm or (1.0, 1.0)
    unit = "mm²" if case.spacing_mm else "px"
    found += [
        Fact("Area, truth", f"{case.truth_pixels * row * column:,.0f} {unit}"),
        Fact("Area, prediction", f"{case.prediction_pixels * row * column:,.0f} {unit}"),
        Fact("Size", f"{case.shape[1]} × {case.shape[0]}"),  # noqa: RUF001
    ]
    if case.part:
        found.append(Fact("Part of the split", case.part))
    return [
        *found,
        *(Fact(printable(key), printable(value) or "unknown") for key, value in case.columns.items()),
    ]


def _with_unit(value: float, unit: str) -> str:
    sign = _sign(unit)
    return number(value, unit) if not unit or unit.startswith(TOLERANCE) else f"{number(value, unit)} {sign}"


def _titled(each: Summary) -> str:
    unit = f" ({_sign(each.unit)})" if each.unit else ""
    return f"{name_of(each.metric)}{unit}{'' if each.higher_is_better else ' ↓'}"


def _numbers(each: Summary) -> list[Cell]:
    values = (each.median, each.sd, each.worst_decile, each.worst, each.best)
    return [
        number_of(each.mean, each.unit),
        Cell(interval(each), each.interval[0] if each.interval else None),
        *(number_of(value, each.unit) for value in values),
        Cell(f"{each.images:,}", each.images),
        Cell(f"{each.failures:,}", each.failures),
    ]


def _sign(unit: str) -> str:
    return SIGNS.get(unit, unit)


def _text(text: str) -> Cell:
    return Cell(printable(text), printable(text) or None)


def _word(text: str) -> str:
    """Convert text to letters, digits and underscores, for a file name."""
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in text)
