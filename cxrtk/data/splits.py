"""Split a reader's items by patient: seeded, saved, never leaking."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk.errors import DataError

PARTS = ("train", "validation", "test")
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Split:
    """Three lists of items; no patient is in two of them, and none is empty.

    Raises:
        DataError: A part is empty, or a patient or an image is in two parts.
    """

    train: Sequence[Item]
    validation: Sequence[Item]
    test: Sequence[Item]

    def __post_init__(self) -> None:
        for part in PARTS:
            if not getattr(self, part):
                raise DataError(f"The {part} part of the split is empty; name more images for it.")
        for key in ("patient", "image"):
            _refuse_leak(self, key)

    def part(self, name: str) -> Sequence[Item]:
        """One of the three lists by its name."""
        items: Sequence[Item] = getattr(self, name)
        return items

    def save(self, path: Path) -> None:
        """Write the images' names of each part as JSON, which `read_split` takes."""
        names = {part: [image_name(item) for item in self.part(part)] for part in PARTS}
        path.write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")


def image_name(item: Item) -> str:
    """What a split file calls an item: the name of its image file."""
    return Path(str(item["image"])).name


def split_by_patient(
    items: Sequence[Item], *, seed: int = 0, test_fraction: float = 0.3, validation_fraction: float = 0.1
) -> Split:
    """Draw the parts patient by patient.

    Args:
        items: Dicts with ``"image"`` and ``"patient"``; their order does not matter to who goes where.
        seed: Same seed and patients, same split.
        test_fraction: Share of the patients that test; 0.3 in the paper.
        validation_fraction: Share of the *other* patients that validate and choose the checkpoint.

    Raises:
        DataError: Fewer than three patients; every part gets at least one.
        ValueError: A fraction is not strictly between 0 and 1.
    """
    for name, fraction in (("test_fraction", test_fraction), ("validation_fraction", validation_fraction)):
        if not 0.0 < fraction < 1.0:
            raise ValueError(f"{name} must lie between 0 and 1, not {fraction}.")
    patients = sorted({str(item["patient"]) for item in items})
    if len(patients) < 3:
        raise DataError(
            f"{len(patients)} patient{'s' * (len(patients) != 1)} cannot be split into train, validation and "
            "test; at least 3 are needed. Add images, or check the patient column."
        )
    shuffled = [patients[i] for i in np.random.default_rng(seed).permutation(len(patients))]
    tests = _share(len(patients), test_fraction, leave=2)
    validations = _share(len(patients) - tests, validation_fraction, leave=1)
    part_of = dict.fromkeys(shuffled, "train")
    part_of.update(dict.fromkeys(shuffled[:tests], "test"))
    part_of.update(dict.fromkeys(shuffled[tests : tests + validations], "validation"))
    return Split(*([item for item in items if part_of[str(item["patient"])] == part] for part in PARTS))


def read_split(path: Path, items: Sequence[Item]) -> Split:
    """The split that a file names: ``{"train": [image names], "validation": [...], "test": [...]}``.

    Items that the file does not name belong to no part.

    Raises:
        DataError: The file is not such a file, names an image that the reader does not list, or leaks.
    """
    try:
        named = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a split file: {error}; see docs/data.md for its form.") from error
    if not isinstance(named, dict) or set(named) != set(PARTS):
        raise DataError(f"{path}: a split file holds exactly the lists {', '.join(PARTS)}.")
    by_name = {image_name(item): item for item in items}
    unknown = sorted({name for part in PARTS for name in named[part]} - by_name.keys())
    if unknown:
        raise DataError(
            f"{path}: {len(unknown)} of its images are not in the data set, the first {unknown[0]!r}; "
            "is it the split of another data set?"
        )
    return Split(*([by_name[name] for name in named[part]] for part in PARTS))


def _share(count: int, fraction: float, *, leave: int) -> int:
    """`fraction` of `count`, rounded, but at least 1 and leaving at least `leave`."""
    return max(1, min(round(count * fraction), count - leave))


def _refuse_leak(split: Split, key: str) -> None:
    part_of: dict[str, str] = {}
    for part in PARTS:
        for item in split.part(part):
            first = part_of.setdefault(str(item[key]), part)
            if first != part:
                # The patient's own key may identify somebody; the file's name is what the user can look up.
                raise DataError(
                    f"The split leaks: the {key} of {image_name(item)} is in {first} and in {part}; "
                    f"keep all images of one {key} in one part."
                )
