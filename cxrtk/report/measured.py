"""Measures used to sort, filter, plot and compare the images of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cxrtk.classes import HEART, SIDES, in_words
from cxrtk.report import words
from cxrtk.report.entries import Entry

Value = Callable[[Entry], float | None]


@dataclass(frozen=True)
class Measured:
    """One measure of each image.

    Attributes:
        key: Name of its attribute on a card: lower-case letters.
        label: Heading, without the unit.
        unit: Unit, or empty for a ratio or a probability.
        form: Format of a value.
        value: Function that maps an entry to its value in this unit, or to ``None``.
    """

    key: str
    label: str
    unit: str
    form: str
    value: Value

    @property
    def heading(self) -> str:
        """Label with the unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    def text(self, value: float | None) -> str:
        """Format a value without its unit; a missing value becomes a dash."""
        return words.NO_VALUE if value is None else f"{value:{self.form}}"


def measured(*, in_mm: bool) -> list[Measured]:
    """Return the measures of a page.

    Args:
        in_mm: Areas are in cm²; otherwise in pixels.
    """
    unit, form = ("cm²", ",.1f") if in_mm else ("px", ",.0f")

    def area(key: str, label: str, *names: str) -> Measured:
        return Measured(key, label, unit, form, lambda entry: area_of(entry, names, in_mm=in_mm))

    return [
        Measured("score", "Score", "", ".2f", lambda entry: entry.quality.get("score")),
        Measured("ratio", "Cardiothoracic ratio", "", ".2f", _named("cardiothoracic_ratio")),
        area("area", "Both lungs", *words.LUNGS),
        area("right", in_words(SIDES[0]).capitalize(), SIDES[0]),
        area("left", in_words(SIDES[1]).capitalize(), SIDES[1]),
        area("heart", in_words(HEART).capitalize(), HEART),
        Measured("sides", "Right over left lung", "", ".2f", _named("right_to_left_lung_area")),
    ]


def all_in_mm(entries: Iterable[Entry]) -> bool:
    """Return whether the lung areas of all images with masks are known in mm²."""
    return all(words.lung_area(entry.measures)[1] is not None for entry in entries if entry.segmented)


def area_of(entry: Entry, names: Iterable[str], *, in_mm: bool) -> float | None:
    """Return the total area of classes in cm² or pixels; ``None`` if all are missing or one is withheld."""
    areas = entry.measures.get("area_mm2" if in_mm else "area_px") or {}
    known = [areas[name] for name in names if name in areas]
    if not known or None in known:
        return None
    return float(sum(known)) / (100 if in_mm else 1)


def _named(key: str) -> Value:
    return lambda entry: entry.measures.get(key)
