"""Report of a folder written by `cxrtk segment`: masks, measures and quality flag of each image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cxrtk import __version__
from cxrtk.errors import DataError
from cxrtk.passes.manifest import Entry as Line
from cxrtk.passes.manifest import manifests
from cxrtk.report import masks, sources, words
from cxrtk.report.entries import Entry, read_entries
from cxrtk.report.page import render
from cxrtk.report.sources import Images, Shown
from cxrtk.report.summary import made, notices
from cxrtk.report.table import Cell, Column, Row, number_cell
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
    """

    images: Images = field(default_factory=Images)
    title: str = ""
    most: int = 2000
    notices: Sequence[str] = ()


@dataclass(frozen=True)
class Card:
    """Card of one image on the page; missing numbers are ``None``."""

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
        """Folder part of the name, up to the last slash."""
        return self.name[: len(self.name) - len(self.file)]

    @property
    def file(self) -> str:
        """File part of the name, after the last slash."""
        return self.name.rpartition("/")[2]


def is_segmented(folder: Path) -> bool:
    """Whether the folder is an output of `cxrtk segment`; other commands write manifests, too.

    Only first lines are read, as `build` reads all; a damaged one counts, and `build` reports it.
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
    """Flag of an entry, a key of `words.FLAGS`."""
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
        facts=[*words.facts(entry.measures), *words.flags(entry.flags)],
        shown=shown,
    )


def _sorts(cards: Sequence[Card], *, in_mm: bool) -> dict[str, str]:
    """Keys by which cards can be sorted, without those that no card has."""
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
