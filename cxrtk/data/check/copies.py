"""Duplicates among the images that were read: identical pixels and near-duplicates."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cxrtk.data.check.fingerprints import Imprint, equal, near_copies
from cxrtk.data.check.issue import Issue

Item = Mapping[str, Any]
MOST_PAIRS = 10_000  # a cine series has millions
SAME_PEOPLE = 0.1  # fraction of the smaller source's images that are also found in another source

logger = logging.getLogger(__name__)


def copy_issues(
    items: Sequence[Item],
    imprints: Sequence[Imprint | None],
    names: Sequence[str],
    part_of: Mapping[str, str],
) -> Iterator[Issue]:
    """Yield groups of identical images, then near-duplicates (or negatives) across two patients.

    Pairs of sources that appear to share patients come last.

    Args:
        items: Items of the reader.
        imprints: One per item; ``None`` where the image was not read.
        names: One name per item.
        part_of: Image -> part of the split, for images that are in one.
    """
    for places in equal([None if kept is None else kept.sha256 for kept in imprints]):
        yield _equal([items[place] for place in places], [names[place] for place in places], part_of)
    told: set[str] = set()  # only one image of each group of identical ones is compared
    places = []
    for place, kept in enumerate(imprints):
        # A constant image equals any other; it is an issue of its own.
        if kept is not None and kept.sha256 not in told and kept.picture.any():
            told.add(kept.sha256)
            places.append(place)
    if len(places) < 2:
        return
    kept_ones = [kept for kept in (imprints[place] for place in places) if kept is not None]
    bits = np.stack([kept.bits for kept in kept_ones])
    pictures = np.stack([kept.picture for kept in kept_ones])
    told_pairs = 0
    across: Counter[tuple[str, str]] = Counter()
    for pair in near_copies(bits, pictures):
        if told_pairs == MOST_PAIRS:
            logger.warning(
                "More than %d pairs of almost equal pictures; the others are not reported.", MOST_PAIRS
            )
            break
        first, second = places[pair.first], places[pair.second]
        detail = f"correlation {pair.correlation:.3f}, {pair.bits} of 512 bits differ"
        if pair.correlation < 0:  # reported within one patient too: one of them is wrong
            told_pairs += 1
            yield Issue("negative_copy", (names[first], names[second]), detail)
            continue
        if items[first]["patient"] == items[second]["patient"]:
            continue  # one patient, imaged twice
        parts = _parts([items[first], items[second]], part_of)
        if len(set(parts)) > 1:
            detail = f"in {' and '.join(parts)}; {detail}"
        code = "near_copy_in_two_parts" if len(set(parts)) > 1 else "near_copy"
        told_pairs += 1
        across[sources_of(items[first], items[second])] += 1
        yield Issue(code, (names[first], names[second]), detail)
    yield from _same_people(across, items)


def sources_of(first: Item, second: Item) -> tuple[str, str]:
    """Return the sources of two items, sorted by name; empty where a reader has no sources."""
    one, other = sorted((str(first.get("source", "")), str(second.get("source", ""))))
    return one, other


def _same_people(across: Mapping[tuple[str, str], int], items: Sequence[Item]) -> Iterator[Issue]:
    """Return the pairs of sources that share many images under different patients."""
    size = Counter(str(item.get("source", "")) for item in items)
    for (one, other), count in across.items():
        if one != other and count >= SAME_PEOPLE * min(size[one], size[other]):
            detail = (
                f"{count} pictures of one are almost equal to pictures of the other, which has them under "
                "other patients; if their file names agree, give the reader same_patients "
                f"{{{other!r}: {one!r}}}"
            )
            yield Issue("same_people", (one, other), detail)


def _equal(items: Sequence[Item], names: Sequence[str], part_of: Mapping[str, str]) -> Issue:
    parts = list(dict.fromkeys(_parts(items, part_of)))
    if len(parts) > 1:
        return Issue("copy_in_two_parts", tuple(names), f"in {' and '.join(parts)}")
    patients = len({str(item["patient"]) for item in items})
    if patients > 1:
        return Issue("copy_of_other_patient", tuple(names), f"under {patients} patients")
    return Issue("copy", tuple(names))


def _parts(items: Sequence[Item], part_of: Mapping[str, str]) -> list[str]:
    return [part_of[str(item["image"])] for item in items if str(item["image"]) in part_of]
