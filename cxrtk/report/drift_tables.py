"""Tables and sentences of the comparison of two batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from cxrtk.classes import HEART, LUNGS
from cxrtk.report import words
from cxrtk.report.document import Table
from cxrtk.report.drift import LEAST, Share, Shift, share
from cxrtk.report.entries import Entry
from cxrtk.report.table import Cell, Column, Row

MEASURES = (
    Column("Measure", numeric=False),
    Column("Images here"),
    Column("Images there"),
    Column("Median here"),
    Column("Median there"),
    Column("D"),
    Column("Cliff’s delta"),  # noqa: RUF001 - as in print
    Column("p"),
    Column("q"),
    Column("Detectable D"),
)
SHARES = (
    Column("Share of images", numeric=False),
    Column("Here"),
    Column("There"),
    Column("Difference"),
    Column("95 % interval", numeric=False),
    Column("p (Fisher)"),
)
DECIDING = ("threshold", "postprocess", "convention", "backend", "precision")  # settings that affect masks
CAN = (
    "The Kolmogorov-Smirnov test asks whether two batches could be samples of one population. A low p means "
    "that such samples would rarely differ so much.",
    "D is how much they differ: the greatest distance between the two cumulative distributions, from 0 (the "
    "same) to 1 (no overlap). Cliff’s delta is the direction: the probability that an image here has the "  # noqa: RUF001
    "higher value, minus that of the reverse, from -1 to 1.",
    "q is p adjusted for the number of measures (Benjamini and Hochberg 1995).",
)
CANNOT = (
    "It cannot show why batches differ: other patients, another device, view or exposure, or masks that "
    "became worse all look alike here. Open the outliers.",
    "It cannot show whether masks are right: both batches may be wrong in the same way.",
    "A high p does not prove that nothing changed: the detectable D is the smallest that so many images can "
    "show at p = 0.05. Of thousands of images, a D too small to matter has a low p.",
    "It takes images as independent. Several images of one patient make p too low.",
    "Withheld and missing values are left out, so that a ratio that is withheld more often is seen in the "
    "shares and not in its distribution.",
)


def measures_table(shifts: Sequence[Shift]) -> Table:
    """Make the table with a row for each measure."""
    note = f"A measure with fewer than {LEAST} values in a batch is not tested."
    return Table(
        "drift_measures", "Measures in both batches", MEASURES, [_row(each) for each in shifts], note
    )


def _row(each: Shift) -> Row:
    medians = [median(values) for values in (each.here, each.there)]
    return Row(
        [
            Cell(each.measure.heading, each.measure.heading),
            *(Cell(f"{len(values):,}", len(values)) for values in (each.here, each.there)),
            *(Cell(each.measure.text(value), value) for value in medians),
            _cell(each.distance, ".2f"),
            _cell(each.delta, "+.2f"),
            Cell(p_text(each.p_value), each.p_value),
            Cell(p_text(each.q_value), each.q_value),
            _cell(None if each.distance is None else min(each.smallest, 1.0), ".2f"),
        ]
    )


def shares_table(here: Sequence[Entry], there: Sequence[Entry]) -> Table:
    """Make the table with a row for each flag, each organ's flags, and withheld or missing measures."""
    found = [share(label, has_it, here, there) for label, has_it in _properties()]
    shown = [each for each in found if each.here[0] or each.there[0]]
    return Table(
        "drift_flags",
        "Flags and missing values in both batches",
        SHARES,
        [_share_row(each) for each in shown],
    )


def flag_of(entry: Entry) -> str:
    """Return the flag of an entry, a key of `words.FLAGS`."""
    if not entry.segmented:
        return "unread"
    flag = str(entry.quality.get("flag", "none"))
    return flag if flag in words.FLAGS else "none"


def organ_flag(entry: Entry, organ: str) -> str:
    """Return the flag of an organ's masks, for ``lungs`` or ``heart``; empty if there is none."""
    return str((entry.quality.get("organs") or {}).get(organ, ""))


def notices(name: str, here: Sequence[Entry], there: Sequence[Entry]) -> list[str]:
    """Return the reasons why two batches are not comparable, or not independent."""
    said = []
    if _different(here, there, lambda entry: entry.model):
        said.append(f"{name} was segmented by another model, which alone can make a difference.")
    if _different(here, there, lambda entry: {key: entry.settings.get(key) for key in DECIDING}):
        said.append(f"{name} was segmented with other settings, which alone can make a difference.")
    both = {each.input_sha256 for each in here} & {each.input_sha256 for each in there} - {""}
    if both:
        said.append(f"{len(both):,} images are in both batches, so they are not independent.")
    return said


def _properties() -> list[tuple[str, Callable[[Entry], bool]]]:
    flags: list[tuple[str, Callable[[Entry], bool]]] = [
        (f"Flag: {label}", lambda entry, flag=flag: flag_of(entry) == flag)  # type: ignore[misc]
        for flag, (label, _) in words.FLAGS.items()
    ]
    organs: list[tuple[str, Callable[[Entry], bool]]] = [
        (
            f"{organ.capitalize()}: {words.FLAGS[flag][0]}",
            lambda entry, organ=organ, flag=flag: organ_flag(entry, organ) == flag,  # type: ignore[misc]
        )
        for organ in (LUNGS, HEART)
        for flag in ("review", "failed")
    ]
    return [
        *flags,
        *organs,
        ("Cardiothoracic ratio withheld", lambda entry: bool(entry.measures.get("cardiothoracic_reason"))),
        ("No pixel spacing", lambda entry: entry.segmented and entry.measures.get("spacing_mm") is None),
    ]


def _share_row(each: Share) -> Row:
    counts = [
        Cell(f"{number:,} of {total:,} ({number / total:.0%})", number / total)
        for number, total in (each.here, each.there)
    ]
    between = f"{100 * each.low:+.0f} to {100 * each.high:+.0f} points"
    return Row(
        [
            Cell(each.label, each.label),
            *counts,
            Cell(f"{100 * each.difference:+.0f} points", each.difference),
            Cell(between, each.low),
            Cell(p_text(each.p_value), each.p_value),
        ]
    )


def p_text(value: float | None) -> str:
    """Format a p value.

    >>> p_text(0.0421), p_text(1e-9)
    ('0.042', '< 0.001')
    """
    if value is None:
        return words.NO_VALUE
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def _cell(value: float | None, form: str) -> Cell:
    return Cell(words.NO_VALUE if value is None else f"{value:{form}}", value)


def _different(
    here: Sequence[Entry], there: Sequence[Entry], values: Callable[[Entry], Mapping[str, Any]]
) -> bool:
    first, second = ({json.dumps(values(each), sort_keys=True) for each in batch} for batch in (here, there))
    return first != second
