"""Attribute values as plain numbers and text, and how messages and `Radiograph.meta` write them."""

from __future__ import annotations

import math
import re

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS

_CODE = re.compile(r"[A-Z0-9_ ]{1,16}")  # PS3.5 section 6.2: the characters of a Code String
_UID = re.compile(r"[0-9.]{1,64}")
_LONGEST_QUOTE = 40


class UnusableValue(ValueError):
    """An attribute is there, but not of the kind it must be."""


def tag(keyword: str, value: object = None) -> str:
    """``(gggg,eeee) Keyword = value``, as messages name an attribute.

    >>> tag("PixelSpacing", [0.0, 0.0])
    '(0028,0030) PixelSpacing = [0.0, 0.0]'
    """
    number = tag_for_keyword(keyword) or 0
    name = f"({number >> 16:04X},{number & 0xFFFF:04X}) {keyword}"
    return name if value is None else f"{name} = {_quote(value)}"


def _quote(value: object) -> str:
    text = str(list(value)) if isinstance(value, MultiValue) else str(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """All values of a numeric attribute; ``[]`` where it is absent or empty.

    Raises:
        UnusableValue: One of them is not a finite number.
    """
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return []
        found = [float(v) for v in (value if isinstance(value, (MultiValue, list)) else [value])]
    except PARSE_ERRORS as error:
        raise UnusableValue(f"{tag(keyword)} is not a number") from error
    if not all(math.isfinite(number) for number in found):
        raise UnusableValue(f"{tag(keyword)} is not a finite number")
    return found


def first_number(dataset: Dataset, keyword: str) -> float | None:
    """The first value of a numeric attribute; ``None`` where it is absent or empty."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def code(dataset: Dataset, keyword: str) -> str:
    """A coded text value, stripped and in upper case; ``""`` where it is absent, or is no text."""
    try:
        value = dataset.get(keyword)
    except PARSE_ERRORS:
        return ""
    first = value[0] if isinstance(value, MultiValue) and len(value) else value
    return first.strip(" \0").upper() if isinstance(first, str) else ""


def allowed(value: object) -> str | int | list[str] | None:
    """`value` if it is a number, UID or code(s); else ``None``, because free text may name a patient."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, MultiValue):
        codes = [str(v) for v in value if _CODE.fullmatch(str(v))]
        return codes if len(codes) == len(value) else None
    text = str(value)
    return text if _CODE.fullmatch(text) or _UID.fullmatch(text) else None
