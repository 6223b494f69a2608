"""Checks before any pixel is read: images or labels without a partner, and leakage between splits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.check.issue import Issue
from cxrtk.data.check.naming import Names
from cxrtk.data.splits import leaks
from cxrtk.errors import CxrReadError, DataError

Item = Mapping[str, Any]
KEY_LENGTH = 12  # hexadecimal digits


class Patients:
    """Pseudonyms of patients for the output of a check.

    Args:
        salt: Salt of the hash; without a secret salt, short patient numbers can be recovered by brute force.
        show: Print the patient's own key.
    """

    def __init__(self, salt: str, *, show: bool = False) -> None:
        self._salt, self._show = salt, show

    def name(self, patient: object) -> str:
        """Return the key, or the first 12 hex digits of its salted SHA-256."""
        if self._show:
            return str(patient)
        return hashlib.sha256(f"{self._salt}{patient}".encode()).hexdigest()[:KEY_LENGTH]


def pair_issues(reader: Reader, items: Sequence[Item], names: Names) -> tuple[list[Issue], list[bool]]:
    """Find the items that have a label, with issues if only some items have one or none is readable."""
    try:
        labelled = [_has_label(reader, item) for item in items]
    except DataError as error:
        detail = names.within(" ".join(str(error).split()))
        return [Issue("labels_unusable", (), detail)], [False] * len(items)
    if not any(labelled):
        return [Issue("no_masks")], labelled
    missing = [item for item, has in zip(items, labelled, strict=True) if not has]
    return [Issue("mask_missing", (names.of(item["image"]),)) for item in missing], labelled


def _has_label(reader: Reader, item: Item) -> bool:
    """Return whether a label exists; an unreadable label counts, as reading it reports the fault."""
    try:
        return reader.has_label(item)
    except CxrReadError:
        return True


def leak_issues(parts: Mapping[str, Sequence[Item]], names: Names, patients: Patients) -> Iterator[Issue]:
    """Yield images and patients in two parts of a split; a patient with one image from each part."""
    for leak in leaks(parts, "image"):
        yield Issue(
            "image_in_two_parts", (names.of(leak.item["image"]),), f"in {leak.first} and {leak.second}"
        )
    told: set[tuple[str, str]] = set()
    for leak in leaks(parts, "patient"):
        patient = str(leak.item["patient"])
        if (patient, leak.second) in told:
            continue
        told.add((patient, leak.second))
        earlier = next(item for item in parts[leak.first] if str(item["patient"]) == patient)
        yield Issue(
            "patient_in_two_parts",
            (names.of(earlier["image"]), names.of(leak.item["image"])),
            f"patient {patients.name(patient)} in {leak.first} and {leak.second}",
        )
