"""Formatting of measures and quality flags as text, with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxrtk import classes

# Flag -> its label and description; in the order of priority for review.
FLAGS: Mapping[str, tuple[str, str]] = {
    "unread": ("Not read", "The file could not be read, so there is no mask."),
    "failed": ("Failed", "The mask is probably wrong."),
    "review": ("Review", "Check this mask before you use it."),
    "ok": ("OK", "Nothing unusual was found; that is no proof that the mask is right."),
    "none": ("No flag", "The model gives no quality flag."),
}
LUNGS = (classes.LUNGS, *classes.SIDES)
NO_VALUE = "–"  # noqa: RUF001 - an en dash, as in print


@dataclass(frozen=True)
class Fact:
    """One line beside a picture.

    Attributes:
        term: Name of the value.
        value: Formatted value, with its unit.
        brief: Whether it also appears on the small card, not only in the larger view.
    """

    term: str
    value: str
    brief: bool = False


def facts(measures: Mapping[str, Any]) -> list[Fact]:
    """Format the measures from `cxrtk.inference.segmentation.measures`; missing ones are left out."""
    found = []
    areas = measures.get("area_px") or {}
    whole = [name for name in LUNGS if name in areas]
    if len(whole) > 1:
        found.append(Fact("Both lungs", _sum(measures, whole), brief=True))
    found += [
        Fact(classes.in_words(name).capitalize(), _sum(measures, [name]), brief=whole == [name])
        for name in areas
    ]
    found += [
        Fact(term, f"{value:{form}}", brief)
        for key, term, form, brief in (
            ("right_to_left_lung_area", "Right : left lung", ".2f", True),
            ("cardiothoracic_ratio", "Cardiothoracic ratio", ".2f", True),
            ("lung_fraction_of_image", "Lungs' share of the image", ".1%", False),
        )
        if (value := measures.get(key)) is not None
    ]
    if measures.get("cardiothoracic_interval"):
        low, high = measures["cardiothoracic_interval"]
        found.append(Fact("Ratio, 90 % interval", f"{low:.2f} to {high:.2f}"))
    for key, term in (("cardiothoracic_reason", "No cardiothoracic ratio"), ("cardiothoracic_note", "Note")):
        if measures.get(key):
            found.append(Fact(term, printable(str(measures[key]))))
    if "spacing_mm" in measures:
        found.append(Fact("Pixel spacing", spacing(measures)))
    return found


def flags(names: Sequence[str]) -> list[Fact]:
    """Format the flags that the reader gave the file; empty if there are none."""
    return [Fact("Flags of the file", printable(", ".join(names)), brief=True)] if names else []


def spacing(measures: Mapping[str, Any]) -> str:
    """Format the pixel spacing and its origin, or the reason why there is none."""
    if measures["spacing_mm"] is None:
        return f"unknown, so areas are in pixels: {measures.get('spacing_reason')}"
    rows, columns = measures["spacing_mm"]
    return f"{rows:.4g} × {columns:.4g} mm ({measures.get('spacing_source')})"  # noqa: RUF001


def area(pixels: float | None, mm2: float | None) -> str:
    """Format an area in cm² if it is known in mm², otherwise in pixels.

    >>> area(1000, 25310.0), area(25310, None)
    ('253.1 cm²', '25,310 px')
    """
    if mm2 is not None:
        return f"{mm2 / 100:,.1f} cm²"
    return NO_VALUE if pixels is None else f"{pixels:,.0f} px"


def lung_area(measures: Mapping[str, Any]) -> tuple[int | None, float | None]:
    """Return the area of both lungs together, in pixels and, if known, in mm²."""
    return _areas(measures, [name for name in LUNGS if name in (measures.get("area_px") or {})])


def printable(text: str) -> str:
    r"""Escape characters of a name that could reorder the surrounding text or are invalid in a page.

    >>> printable("a" + chr(0x202E) + "b.png")
    'a\\u202eb.png'
    """
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _sum(measures: Mapping[str, Any], names: list[str]) -> str:
    return area(*_areas(measures, names))


def _areas(measures: Mapping[str, Any], names: list[str]) -> tuple[int | None, float | None]:
    if not names:
        return None, None
    known = [measures["area_px"][name] for name in names]
    if None in known:
        return None, None
    pixels = sum(map(int, known))
    mm2 = [value for name in names if (value := (measures.get("area_mm2") or {}).get(name)) is not None]
    return pixels, sum(map(float, mm2)) if len(mm2) == len(names) else None
