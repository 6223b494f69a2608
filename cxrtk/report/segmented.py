"""Report of a folder written by `cxrtk segment`: masks, measures and quality flag of each image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cxrtk import __version__
from cxrtk.classes import HEART, LUNGS, in_words
from cxrtk.errors import ConfigError, DataError
from cxrtk.passes.manifest import Entry as Line
from cxrtk.passes.manifest import manifests
from cxrtk.report import masks, single, sources, words
from cxrtk.report.compared_batches import Batches, compared
from cxrtk.report.distributions import Distribution, distribution
from cxrtk.report.drift_tables import flag_of as flag_of
from cxrtk.report.drift_tables import organ_flag
from cxrtk.report.entries import Entry, read_entries
from cxrtk.report.measured import Measured, all_in_mm, measured
from cxrtk.report.page import render
from cxrtk.report.sources import Images, Shown
from cxrtk.report.summary import made, notices
from cxrtk.report.table import Cell, Column, Row
from cxrtk.report.words import Fact

# Maximum number of images -> longer side of a picture in pixels; keeps a page of 1,000 images below 30 MB.
SIDES = ((200, 640), (1000, 320))
LEAST_SIDE = 224
URGENCY = {flag: place for place, flag in enumerate(words.FLAGS)}


@dataclass(frozen=True)
class Options:
    """Options of a page.

    Attributes:
        images: Current folder of the segmented images.
        title: Title of the page; empty for one derived from its content.
        most: Maximum number of images on the page; those that need review come first.
        notices: Additional notices shown before the numbers, on the pages of runs.
        compare: Output folder of another pass of `cxrtk segment`, to compare measures and flags with.
    """

    images: Images = field(default_factory=Images)
    title: str = ""
    most: int = 2000
    notices: Sequence[str] = ()
    compare: Path | None = None


@dataclass(frozen=True)
class Card:
    """Card of one image on the page.

    Attributes:
        id: HTML id.
        name: Name of the image.
        flag: Flag, a key of `words.FLAGS`.
        organs: Flags of the organs that have one.
        numbers: Values by `Measured.key`; missing ones are left out.
        score: Score of the quality flag, or ``None``.
        reasons: Reasons of the flag.
        facts: Facts beside the picture.
        shown: The picture, or the reasons why there is none.
    """

    id: str
    name: str
    flag: str
    organs: Mapping[str, str]
    numbers: Mapping[str, float]
    score: float | None
    reasons: Sequence[str]
    facts: Sequence[Fact]
    shown: Shown

    @property
    def folder(self) -> str:
        """Folder part of the name, up to the last slash."""
        return self.name[: len(self.name) - len(self.file)]

    @property
    def file(self) -> str:
        """File part of the name, after the last slash."""
        return self.name.rpartition("/")[2]


def is_segmented(folder: Path) -> bool:
    """Return whether the folder is an output of `cxrtk segment`; other commands write manifests, too.

    Only first lines are read, since `build` reads the rest; a damaged line counts, and `build` reports it.
    """
    paths = manifests(folder)
    return bool(paths) and all(_is_of_segment(path) for path in paths)


def _is_of_segment(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        first = file.readline()
    try:
        return not first or "measures" in Line.parse(first).row
    except (ValueError, TypeError):
        return True


def build(folder: Path, options: Options, report: Callable[[int, int], None]) -> str:
    """Build the page as HTML; the same folder, images and options always give the same bytes.

    Args:
        folder: Output folder of `cxrtk segment`.
        options: Options of the page.
        report: Called after each image with the number of images done and their total.

    Raises:
        DataError: A manifest is damaged or empty.
    """
    paths = manifests(folder)
    entries = read_entries(paths)
    if not entries:
        raise DataError(f"{folder}: its manifest holds no image; has cxrtk segment only just begun?")
    if options.compare is None and len(entries) == 1:
        report(1, 1)
        return single.build(entries[0], folder, paths, options.images, options.title)
    entries.sort(key=_urgency)
    others = _others(folder, entries, options.compare)
    chosen = entries[: options.most]
    measures = measured(in_mm=all_in_mm([*entries, *others]))
    cards = []
    shown = sources.show(chosen, folder, options.images, _side(len(chosen)))
    for place, (entry, seen) in enumerate(zip(chosen, shown, strict=True), start=1):
        cards.append(_card(f"image-{place}", entry, seen, measures))
        report(place, len(chosen))
    layers = {layer.name for card in cards if card.shown.picture for layer in card.shown.picture.layers}
    counts = Counter(flag_of(entry) for entry in entries)
    there = [each for each in measures if any(each.key in card.numbers for card in cards)]
    opens = {entry.input: card.id for entry, card in zip(chosen, cards, strict=True)}
    return render(
        "segment.html",
        {
            "title": options.title or "Lung masks",
            "version": __version__,
            "total": len(entries),
            "counts": {flag: counts[flag] for flag in words.FLAGS if counts[flag]},
            "flags": words.FLAGS,
            "cards": cards,
            "organs": _organs(cards),
            "measures": there,
            "distributions": _distributions(there, entries, others, opens),
            "compared": compared(Batches(options.compare.name, there, entries, others))
            if options.compare is not None
            else None,
            "columns": _columns(there),
            "rows": [_row(card, there) for card in cards],
            "styles": [style for name, style in masks.STYLES.items() if name in layers],
            "sorts": _sorts(cards, there),
            "made": made(entries, paths),
            "notices": notices(len(entries), [card.shown for card in cards], paths),
        },
    )


def _others(folder: Path, entries: Sequence[Entry], compare: Path | None) -> list[Entry]:
    """Read the entries of the other batch; return none if there is no other batch."""
    if compare is None:
        return []
    if not compare.is_dir() or not is_segmented(compare):
        raise ConfigError(f"--compare {compare}: is not an output folder of cxrtk segment (manifest.jsonl).")
    others = read_entries(manifests(compare))
    for name, batch in ((folder, entries), (compare, others)):
        if len(batch) < 2:
            raise ConfigError(f"{name}: holds fewer than two images, so there is nothing to compare.")
    return others


def _distributions(
    measures: Sequence[Measured], entries: Sequence[Entry], others: Sequence[Entry], opens: Mapping[str, str]
) -> list[Distribution]:
    """Return the distributions of measures that are available for at least two images."""
    found = []
    for measure in measures:
        values = {entry.input: value for entry in entries if (value := measure.value(entry)) is not None}
        other = [value for entry in others if (value := measure.value(entry)) is not None]
        found.append(distribution(measure, values, opens, other))
    return [each for each in found if each is not None]


def _urgency(entry: Entry) -> tuple[int, float, str]:
    return URGENCY[flag_of(entry)], float(entry.quality.get("score") or 0), entry.input


def _side(count: int) -> int:
    return next((side for most, side in SIDES if count <= most), LEAST_SIDE)


def _card(name: str, entry: Entry, shown: Shown, measures: Sequence[Measured]) -> Card:
    refused = [entry.reason] if entry.status != "ok" else []
    reasons = [*refused, *entry.quality.get("reasons", [])]
    return Card(
        id=name,
        name=words.printable(entry.input),
        flag=flag_of(entry),
        organs={organ: flag for organ in (LUNGS, HEART) if (flag := organ_flag(entry, organ))},
        numbers={each.key: value for each in measures if (value := each.value(entry)) is not None},
        score=entry.quality.get("score"),
        reasons=[words.printable(reason) for reason in reasons],
        facts=[*words.facts(entry.measures), *words.flags(entry.flags)],
        shown=shown,
    )


def _organs(cards: Sequence[Card]) -> dict[str, tuple[str, list[str]]]:
    """Return organ -> label and flags on the page, for organs with more than one flag."""
    found = {}
    for organ in (LUNGS, HEART):
        flags = {card.organs[organ] for card in cards if organ in card.organs}
        if len(flags) > 1:
            found[organ] = (in_words(organ).capitalize(), [flag for flag in words.FLAGS if flag in flags])
    return found


def _sorts(cards: Sequence[Card], measures: Sequence[Measured]) -> dict[str, str]:
    """Return the keys by which cards can be sorted, without keys that no card has."""
    urgency = {"urgency": "Needs review first"} if len({card.flag for card in cards}) > 1 else {}
    return {**urgency, "name": "Name", **{each.key: each.heading for each in measures}}


def _columns(measures: Sequence[Measured]) -> list[Column]:
    return [
        Column("Image", numeric=False),
        Column("Flag", numeric=False),
        *(Column(each.heading) for each in measures),
    ]


def _row(card: Card, measures: Sequence[Measured]) -> Row:
    return Row(
        [
            Cell(card.name, card.name.casefold()),
            Cell(words.FLAGS[card.flag][0], URGENCY[card.flag]),
            *(Cell(each.text(card.numbers.get(each.key)), card.numbers.get(each.key)) for each in measures),
        ],
        opens=card.id,
    )
