"""Report of a folder written by `cxrtk evaluate`: all its numbers, figures and images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk.errors import DataError
from cxrtk.evaluation.curves import Counts, load_counts
from cxrtk.evaluation.storage import CURVES, FILE, read_evaluation
from cxrtk.evaluation.summary import Summary
from cxrtk.evaluation.table import Case, Evaluation
from cxrtk.inference.scoring.summed import Done, summed_up
from cxrtk.report import compared, evaluated_images, evaluated_tables, origin, words
from cxrtk.report.document import Card, Count, Document, Section, Table
from cxrtk.report.evaluated_images import STYLES, Shown
from cxrtk.report.figures import (
    bland_altman,
    calibration,
    overlays,
    precision_recall,
    ranked,
    roc,
    threshold,
)
from cxrtk.report.figures.canvas import Drawn
from cxrtk.report.pictures import LayerStyle
from cxrtk.report.segmented import Options
from cxrtk.report.words import Fact
from cxrtk.wording import counted

FLAGS = {"failed": "Failed case", "review": "Worst tenth", "none": "Others"}
WORST = 10  # one image in this many, the worst ones, is marked
HALF = 0.5
MEANINGS = (
    Fact(
        "95 % interval", "Percentile bootstrap of the mean, drawing patients, not images, with replacement."
    ),
    Fact("Worst 10 %", "Mean of the worst tenth of the images, rounded down, at least one."),
    Fact(
        "Failed case",
        "Nothing was found, the truth is empty, or there is no prediction; it is included in every "
        "mean, with the worst value.",
    ),
    Fact("Dice, IoU", "Overlap of two masks: 2 |A and B| / (|A| + |B|), and |A and B| / |A or B|."),
    Fact("hd95, assd", "95th percentile and mean of the distances between the outlines, both directions."),
    Fact("nsd", "Share of the outlines that lie within a tolerance of each other."),
    Fact("ece", "Expected calibration error: how far probabilities lie from the share of lung, by 20 bins."),
)


def is_evaluation(folder: Path) -> bool:
    """Return whether the folder was written by `cxrtk evaluate`."""
    return (folder / FILE).is_file()


def build(folder: Path, options: Options, report: Callable[[int, int], None]) -> Document:
    """Build the document; the same folder and images always give the same document.

    Args:
        folder: Output folder of `cxrtk evaluate`.
        options: Current folder of the data set, if it was moved; title, empty to derive it from the
            evaluation; and number of images to show, worst first. Tables and figures cover all images.
        report: Called after each image with the number of images done and their total.

    Raises:
        DataError: The evaluation or a file beside it is damaged.
    """
    evaluation = read_evaluation(folder)
    done = _summed_up(evaluation)
    metric = _main(evaluation)
    ranks = _worst_first(evaluation, metric)
    chosen = [evaluation.cases[place] for place in ranks[: options.most]]
    picks = overlays.chosen([_quality(case, evaluation, metric) for case in evaluation.cases])
    kept = {evaluation.cases[place].image: name for name, place in picks.items()}
    cards, opens, notices, seen = [], {}, [], []
    intensities: dict[str, evaluated_images.Intensity] = {}
    shown = evaluated_images.show(evaluation, folder, chosen, options.images, kept)
    for place, (case, one) in enumerate(zip(chosen, shown, strict=True), start=1):
        card = _card(
            f"image-{place}", case, evaluation, one, worst=place <= _worst(evaluation), metric=metric
        )
        cards.append(card)
        opens[case.image] = card.id
        if one.intensity is not None:
            intensities[case.image] = one.intensity
        if one.seen is not None:
            seen.append(one.seen)
        report(place, len(chosen))
    if len(chosen) < len(evaluation.cases):
        notices.append(
            f"Pictures are shown for {len(chosen):,} of {len(evaluation.cases):,} images, the worst first; "
            "numbers, tables and figures are of all."
        )
    blind = sum(card.picture is None for card in cards)
    if blind:
        notices.append(f"{blind:,} images have no picture here; the reason is given next to each.")
    order = {name: place for place, name in enumerate(picks)}
    seen.sort(key=lambda one: order[one.name])
    flags = {flag: label for flag, label in FLAGS.items() if any(card.flag == flag for card in cards)}
    return Document(
        title=options.title or f"{origin.name_of(evaluation)} on {origin.data_of(evaluation)}",
        lead=_lead(evaluation),
        notices=[words.printable(each) for each in [*evaluation.warnings, *notices]],
        counts=_counts(evaluation, done.summaries, metric),
        made=origin.of_evaluation(evaluation),
        sections=[
            Section("results", "Results", tables=_summaries(done, folder)),
            Section("figures", "Figures", figures=list(_figures(folder, evaluation, seen, metric))),
            *_failures(evaluation, opens),
            Section("each", "Each image", tables=evaluated_tables.each(evaluation, opens, intensities)),
        ],
        cards=cards,
        flags=flags,
        sorts={name: evaluated_tables.named(evaluation, name) for name in evaluated_tables.shown(evaluation)},
        styles=_styles_on(cards),
        meanings=MEANINGS,
    )


def _styles_on(cards: Sequence[Card]) -> tuple[LayerStyle, ...]:
    """Return the layers that occur in the overlays: only the ground truth if there are no predicted masks."""
    there = {layer.name for card in cards if card.picture for layer in card.picture.layers}
    return tuple(style for style in STYLES if style.name in there)


def _summed_up(evaluation: Evaluation) -> Done:
    """Summarise the evaluation with the seed and the groups used by `cxrtk evaluate`."""
    how = evaluation.about.get("bootstrap") or {}
    known: dict[str, Any] = {key: how[key] for key in ("resamples", "seed") if key in how}
    return summed_up(evaluation, evaluation.about.get("by") or (), **known)


def _main(evaluation: Evaluation) -> str:
    """Return the metric by which images are ranked: Dice if available."""
    return "dice" if "dice" in evaluation.metrics else next(iter(evaluation.metrics))


def _quality(case: Case, evaluation: Evaluation, metric: str) -> float:
    value = case.values[metric]
    return value if evaluation.metrics[metric].higher_is_better else -value


def _worst_first(evaluation: Evaluation, metric: str) -> list[int]:
    """Return the indices of the cases: failed ones first, then by increasing quality."""
    cases = evaluation.cases

    def key(place: int) -> tuple[bool, float, str]:
        case = cases[place]
        return not case.failure, _quality(case, evaluation, metric), case.image

    return sorted(range(len(cases)), key=key)


def _worst(evaluation: Evaluation) -> int:
    return max(1, len(evaluation.cases) // WORST)


def _lead(evaluation: Evaluation) -> str:
    count = len(evaluation.cases)
    split = evaluation.about.get("split") or {}
    part = split.get("part", "all")
    which = "all images" if part == "all" else f"the {part} part of its split"
    return words.printable(
        f"{counted(count, 'image')} of {origin.data_of(evaluation)} ({which}), against "
        f"{evaluation.truth}, at {evaluation.about.get('resolution', 'original size')}."
    )


def _counts(evaluation: Evaluation, summaries: Sequence[Summary], metric: str) -> list[Count]:
    patients = len({case.patient for case in evaluation.cases})
    found = [
        Count(f"{len(evaluation.cases):,}", "images", f"of {patients:,} patients"),
        Count(f"{len(evaluation.failed):,}", "failed cases", "in every mean, with the worst value"),
    ]
    for name in dict.fromkeys((metric, "iou")):
        found += [
            Count(
                evaluated_tables.number(each.mean, each.unit),
                f"mean {evaluated_tables.named(evaluation, name)}",
                f"95 % interval {evaluated_tables.interval(each)}"
                if each.interval
                else "one patient: no interval",
            )
            for each in summaries
            if each.metric == name
        ]
    if evaluation.left_out:
        found.append(
            Count(f"{len(evaluation.left_out):,}", "left out", "could not be read; excluded from all numbers")
        )
    return found


def _summaries(done: Done, folder: Path) -> list[Table]:
    tables = [evaluated_tables.summary(done.summaries)]
    tables += [evaluated_tables.subgroups(column, groups) for column, groups in done.subgroups.items()]
    return [*tables, *compared.tables(folder)]


def _failures(evaluation: Evaluation, opens: Mapping[str, str]) -> list[Section]:
    """Return the section of failed and excluded images; empty if there are none."""
    tables = evaluated_tables.failures(evaluation, opens)
    return [Section("failures", "Failed and excluded cases", tables=tables)] if tables else []


def _figures(
    folder: Path, evaluation: Evaluation, seen: Sequence[overlays.Seen], metric: str
) -> Iterator[Drawn]:
    """Draw all figures for which the folder has data."""
    label = evaluated_tables.named(evaluation, metric)
    if seen:
        yield overlays.draw(seen, metric=label)
    if evaluation.metrics[metric].higher_is_better:
        yield ranked.draw({"": [case.values[metric] for case in evaluation.cases]}, metric=label)
        for column, groups in evaluated_tables.groups(evaluation).items():
            values = {name: [case.values[metric] for case in some] for name, some in groups.items()}
            yield ranked.draw(values, metric=label, column=column)
    yield from map(bland_altman.draw, bland_altman.agreements(evaluation.cases))
    if (folder / CURVES).is_file():
        yield from _curves(_counted(folder, evaluation), _threshold(evaluation))


def _counted(folder: Path, evaluation: Evaluation) -> Counts:
    """Read the (N, 2, 1001) pixel counts.

    Raises:
        DataError: The counts belong to other images.
    """
    images, counts = load_counts(folder / CURVES)
    if images != [case.image for case in evaluation.cases]:
        raise DataError(f"{folder / CURVES}: belongs to other images than {FILE}; evaluate again.")
    return counts


def _curves(counts: Counts, cut: float) -> Iterator[Drawn]:
    total = counts.sum(axis=0)
    if np.all(total.sum(axis=1) > 0):
        yield roc.draw(total, cut)
        yield precision_recall.draw(total)
    yield calibration.draw(total)
    yield threshold.draw(counts, cut)


def _threshold(evaluation: Evaluation) -> float:
    found = (evaluation.about.get("predictions") or {}).get("threshold")
    return HALF if found is None else float(found)


def _card(name: str, case: Case, evaluation: Evaluation, one: Shown, *, worst: bool, metric: str) -> Card:
    flag = "failed" if case.failure else "review" if worst else "none"
    facts = evaluated_tables.facts(case, evaluation, metric)
    reasons = [words.printable(f"Failed case: {case.failure}.")] if case.failure else []
    numbers = {key: case.values[key] for key in evaluated_tables.shown(evaluation)}
    return Card(
        name,
        words.printable(case.image),
        flag,
        FLAGS[flag],
        numbers,
        facts,
        one.picture,
        [*reasons, *one.notes],
    )
