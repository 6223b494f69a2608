"""Results of a search, in the JSON of DICOM (PS3.18 annex F)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STUDY, SERIES, INSTANCE = "0020000D", "0020000E", "00080018"
MODALITY, MODALITIES, OBJECTS = "00080060", "00080061", "00201208"
FAILED, STORED, FAILED_FOR, OF_INSTANCE = "00081198", "00081199", "00081197", "00081155"


@dataclass(frozen=True)
class Instance:
    """One object of a server.

    Attributes:
        study: Study Instance UID.
        series: Series Instance UID.
        uid: SOP Instance UID.
        modality: Modality of its series; empty if the server does not state it.
    """

    study: str
    series: str
    uid: str
    modality: str = ""


@dataclass(frozen=True)
class FoundStudy:
    """One study of a server.

    Attributes:
        uid: Study Instance UID.
        modalities: Modalities of its series; empty if the server does not state them.
        objects: Number of its objects; ``None`` if the server does not state it.
    """

    uid: str
    modalities: frozenset[str] = frozenset()
    objects: int | None = None


def values(found: Mapping[str, Any], key: str) -> list[Any]:
    """Return the values of an attribute; none where it is absent or empty.

    >>> values({"00080060": {"vr": "CS", "Value": ["DX"]}}, "00080060"), values({}, "00080060")
    (['DX'], [])
    """
    element = found.get(key)
    listed = element.get("Value") if isinstance(element, dict) else None
    return listed if isinstance(listed, list) else []


def items(found: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the items of a sequence; none where it is absent or empty."""
    return [each for each in values(found, key) if isinstance(each, dict)]
