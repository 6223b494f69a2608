"""The page of a folder that `cxrtk segment` wrote: each image with its masks, measures, flag and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cxrtk import __version__
from cxrtk.errors import DataError
from cxrtk.passes.manifest import Manifest, manifests
from cxrtk.report import masks, sources, words
from cxrtk.report.entries import Entry, read_entries
from cxrtk.report.page import render
from cxrtk.report.sources import Images, Shown
from cxrtk.report.summary import made, notices
from cxrtk.report.table import Cell, Column, Row, number_cell
from cxrtk.report.words import Fact

# Up to so many images -> pixels of a picture's longer side; so 1,000 stay below 30 MB.
SIDES = ((200, 640), (1000, 320))
LEAST_SIDE = 224
URGENCY = {flag: place for place, flag in enumerate(words.FLAGS)}


@dataclass(frozen=True)
class Options:
    """What a page shows.

    Attributes:
        images: Where the segmented images lie.
        title: Of the page; empty for one that says what is on it.
        most: Images that are shown; those that want to be looked at come first.
        notices: What else a reader must know before the numbers; on the pages of runs.
    """

    images: Images = field(default_factory=Images)
    title: str = ""
    most: int = 2000
    notices: Sequence[str] = ()


@dataclass(frozen=True)
class Card:
    """One image on the page; numbers are ``None`` where there are none."""

    id: str
    name: str
    flag: str
    score: float | None
    area: float | None
    ratio: float | None
    reasons: Sequence[str]
    facts: Sequence[Fact]
    shown: Shown

    @property
    def folder(self) -> str:
        """The part of the name up to the last slash."""
        return self.name[: len(self.name) - len(self.file)]

    @property
    def file(self) -> str:
        """The rest of it."""
        return self.name.rpartition("/")[2]


def is_segmented(folder: Path) -> bool:
    """Whether the folder is the output of `cxrtk segment`; other passes keep manifests, too.

    Raises:
        DataError: A manifest is damaged.
    """
    lines = [line for path in manifests(folder) for line in islice(Manifest(path), 1)]
    return all("measures" in line.row for line in lines) if lines else bool(manifests(folder))


def build(folder: Path, options: Options, report: Callable[[int, int], None]) -> str:
    """The page, as HTML; the same folder, images and options give the same bytes.

    Args:
        folder: As `cxrtk segment` wrote it.
        options: What is shown.
        report: Told after each image how many are done, and of how many.

    Raises:
        DataError: A manifest is damaged, or there is nothing in it.
    """
    paths = manifests(folder)
    entries = read_entries(paths)
    if not entries:
        raise DataError(f"{folder}: its manifest holds no image; is cxrtk segment at its beginning?")
    entries.sort(key=_urgency)
    chosen = entries[: options.most]
    in_mm = all(_mm2(entry) is not None for entry in chosen if entry.segmented)
    cards = []
    shown = sources.show(chosen, folder, options.images, _side(len(chosen)))
    for place, (entry, seen) in enumerate(zip(chosen, shown, strict=True), start=1):
        cards.append(_card(f"image-{place}", entry, seen, in_mm=in_mm))
        report(place, len(chosen))
    layers = {layer.name for card in cards if card.shown.picture for layer in card.shown.picture.layers}
    counts = Counter(flag_of(entry) for entry in entries)
    return render(
        "segment.html",
        {
            "title": options.title or "Lung masks",
            "version": __version__,
            "total": len(entries),
            "counts": {flag: counts[flag] for flag in words.FLAGS if counts[flag]},
            "flags": words.FLAGS,
            "cards": cards,
            "columns": _columns(in_mm),
            "rows": [_row(card, in_mm=in_mm) for card in cards],
            "styles": [style for name, style in masks.STYLES.items() if name in layers],
            "sorts": _sorts(cards, in_mm=in_mm),
            "made": made(entries, paths),
            "notices": notices(len(entries), [card.shown for card in cards], paths),
        },
    )


def flag_of(entry: Entry) -> str:
    """One of `words.FLAGS`."""
    if not entry.segmented:
        return "unread"
    flag = str(entry.quality.get("flag", "none"))
    return flag if flag in words.FLAGS else "none"


def _urgency(entry: Entry) -> tuple[int, float, str]:
    return URGENCY[flag_of(entry)], float(entry.quality.get("score") or 0), entry.input


def _side(count: int) -> int:
    return next((side for most, side in SIDES if count <= most), LEAST_SIDE)


def _mm2(entry: Entry) -> float | None:
    return words.lung_area(entry.measures)[1]


def _card(name: str, entry: Entry, shown: Shown, *, in_mm: bool) -> Card:
    pixels, mm2 = words.lung_area(entry.measures)
    refused = [entry.reason] if entry.status != "ok" else []
    reasons = [*refused, *entry.quality.get("reasons", [])]
    return Card(
        id=name,
        name=words.printable(entry.input),
        flag=flag_of(entry),
        score=entry.quality.get("score"),
        area=mm2 if in_mm else pixels,
        ratio=entry.measures.get("cardiothoracic_ratio"),
        reasons=[words.printable(reason) for reason in reasons],
        facts=words.facts(entry.measures),
        shown=shown,
    )


def _sorts(cards: Sequence[Card], *, in_mm: bool) -> dict[str, str]:
    """What the cards can be sorted by, less what none of them has."""
    numbers = {
        "score": "Score",
        "area": "Lung area in cm²" if in_mm else "Lung area in pixels",
        "ratio": "Cardiothoracic ratio",
    }
    there = {
        key: label for key, label in numbers.items() if any(getattr(card, key) is not None for card in cards)
    }
    urgency = {"urgency": "Needs a look first"} if len({card.flag for card in cards}) > 1 else {}
    return {**urgency, "name": "Name", **there}


def _columns(in_mm: bool) -> list[Column]:
    return [
        Column("Image", numeric=False),
        Column("Flag", numeric=False),
        Column("Score"),
        Column("Lungs, cm²" if in_mm else "Lungs, px"),
        Column("Cardiothoracic ratio"),
    ]


def _row(card: Card, *, in_mm: bool) -> Row:
    area = None if card.area is None else card.area / 100 if in_mm else card.area
    return Row(
        [
            Cell(card.name, card.name.casefold()),
            Cell(words.FLAGS[card.flag][0], URGENCY[card.flag]),
            number_cell(card.score),
            number_cell(area, ",.1f" if in_mm else ",.0f"),
            number_cell(card.ratio),
        ],
        opens=card.id,
    )
