"""Attribute values as plain numbers and text, and their form in messages and `Radiograph.meta`."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence_item
from pydicom.multival import MultiValue

from cxrtk.data.pixels.dicom.bounded import Bounded
from cxrtk.data.pixels.dicom.parsing import PARSE_ERRORS
from cxrtk.data.pixels.dicom.terms import is_term
from cxrtk.errors import CxrReadError

_LONGEST_QUOTE = 40
MISSING = "(missing)"
FREE_TEXT = "(free text)"
LONGEST_VALUE = 1 << 16  # bytes; the maximum of most value representations
LONGEST_ITEM = 10_000  # parser reads, two or three per element


class UnusableValue(ValueError):
    """An attribute is present but has an invalid value."""


def tag(keyword: str, value: object = None) -> str:
    """Format an attribute for a message: ``(gggg,eeee) Keyword = value``.

    The value is shown where it is a number or a defined term of the attribute; other text may name a patient.

    >>> tag("PixelSpacing", [0.0, 0.0])
    '(0028,0030) PixelSpacing = [0.0, 0.0]'
    >>> tag("PhotometricInterpretation", "DOE^JOHN")
    '(0028,0004) PhotometricInterpretation = (free text)'
    """
    number = tag_for_keyword(keyword) or 0
    name = f"({number >> 16:04X},{number & 0xFFFF:04X}) {keyword}"
    return name if value is None else f"{name} = {_quote(keyword, value)}"


def understood(keyword: str, value: object) -> bool:
    """Return whether `value` is a defined term, or several, but for small letters and padding."""
    return all(is_term(keyword, str(one).strip(" \0").upper()) for one in _each(value))


def _each(value: object) -> Iterable[object]:
    return value if isinstance(value, (MultiValue, list, tuple)) else [value]


def _quote(keyword: str, value: object) -> str:
    if not all(_is_shown(keyword, one) for one in _each(value)):
        return FREE_TEXT
    text = str(list(value)) if isinstance(value, MultiValue) else str(value)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."


def _is_shown(keyword: str, value: object) -> bool:
    return isinstance(value, (int, float)) or value == MISSING or is_term(keyword, str(value))


def value_of(dataset: Dataset, keyword: str) -> object:
    """Return the value of an attribute, ``None`` where it is absent.

    Raises:
        UnusableValue: The value is too long to be parsed safely.
        Exception: One of `PARSE_ERRORS` where the value is damaged.
    """
    raw = dataset.get_item(keyword)
    if isinstance(raw, RawDataElement) and raw.value is not None and len(raw.value) > LONGEST_VALUE:
        raise UnusableValue(f"{tag(keyword)} has {len(raw.value)} bytes")
    return dataset.get(keyword)


def first_item(dataset: Dataset, keyword: str) -> Dataset | None:
    """Return the first item of a sequence, ``None`` where there is none; the others are not parsed.

    Raises:
        Exception: One of `PARSE_ERRORS` where the sequence is damaged.
    """
    raw = dataset.get_item(keyword)
    if not isinstance(raw, RawDataElement):
        items = dataset.get(keyword)
        return items[0] if items else None
    if not raw.value:
        return None
    implicit = raw.is_implicit_VR or raw.VR == "UN"
    stream: Any = Bounded(io.BytesIO(raw.value), "", reads=LONGEST_ITEM)
    try:
        return read_sequence_item(stream, implicit, raw.is_little_endian, dataset.original_character_set)
    except CxrReadError as error:
        raise UnusableValue(f"{tag(keyword)} has too many elements") from error


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Return all values of a numeric attribute; ``[]`` where it is absent or empty.

    Raises:
        UnusableValue: One of them is not a finite number.
    """
    try:
        value: Any = value_of(dataset, keyword)
        if value is None or value == "":
            return []
        found = [float(v) for v in (value if isinstance(value, (MultiValue, list)) else [value])]
    except PARSE_ERRORS as error:
        raise UnusableValue(f"{tag(keyword)} is not a number") from error
    if not all(math.isfinite(number) for number in found):
        raise UnusableValue(f"{tag(keyword)} is not a finite number")
    return found


def first_number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value of a numeric attribute; ``None`` where it is absent or empty."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def code(dataset: Dataset, keyword: str) -> str:
    """Return a coded text value, stripped and in upper case; ``""`` where it is absent or not text."""
    try:
        value = value_of(dataset, keyword)
    except PARSE_ERRORS:
        return ""
    first = value[0] if isinstance(value, MultiValue) and len(value) else value
    return first.strip(" \0").upper() if isinstance(first, str) else ""


def allowed(keyword: str, value: object) -> str | int | list[str] | None:
    """Return `value` if it is a number or a defined term; else ``None``: free text may name a patient.

    Of several values all must be.
    """
    if isinstance(value, int):
        return int(value)
    if isinstance(value, MultiValue):
        texts = [str(one) for one in value]
        return texts if all(is_term(keyword, text) for text in texts) else None
    text = str(value)
    return text if is_term(keyword, text) else None
