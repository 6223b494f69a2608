"""Patient-level splits of a reader's items: seeded, saved, and checked for leakage.

`cxrtk.data.split_files` reads what is saved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np

from cxrtk.data.atomic import write_json
from cxrtk.errors import DataError
from cxrtk.wording import counted

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
            for leak in leaks({part: self.part(part) for part in PARTS}, key):
                # The patient's own key may identify a person; the user can look up the file name instead.
                name = PurePath(str(leak.item["image"])).name
                raise DataError(
                    f"The split leaks: the {key} of {name} is in {leak.first} and in {leak.second}; "
                    f"keep all images of one {key} in one part."
                )

    def part(self, name: str) -> Sequence[Item]:
        """Return one of the three lists by its name."""
        items: Sequence[Item] = getattr(self, name)
        return items

    def save(self, path: Path, root: str | Path = "") -> None:
        """Write the image names of each part as JSON, for `read_split`; see `image_names`."""
        every = [item for part in PARTS for item in self.part(part)]
        names = iter(image_names(every, root))
        named = {part: [next(names) for _ in self.part(part)] for part in PARTS}
        write_json(path, named)


def image_names(items: Sequence[Item], root: str | Path = "") -> list[str]:
    """Return the names of items in a split file: image paths relative to the data folder.

    Args:
        items: Dicts with ``"image"``.
        root: Data folder. Where it is empty, or does not contain every image, the common parent of all images
            is used.
    """
    images = [PurePath(str(item["image"])) for item in items]
    if not images:
        return []
    above = PurePath(root)
    if not root or not all(image.is_relative_to(above) for image in images):
        above = PurePath(os.path.commonpath([image.parent for image in images]))
    return [image.relative_to(above).as_posix() for image in images]


def split_by_patient(
    items: Sequence[Item],
    *,
    seed: int = 0,
    test_fraction: float = 0.3,
    validation_fraction: float = 0.1,
    stratify_by: str = "",
    fold: int = 0,
    folds: int = 0,
) -> Split:
    """Split items at random by patient.

    Args:
        items: Dicts with ``"image"`` and ``"patient"``; their order does not affect the assignment.
        seed: Seed of the split; equal seeds and patients give equal splits.
        test_fraction: Fraction of the patients in the test part; 0.3 in the paper.
        validation_fraction: Fraction of the *other* patients used to validate and select the checkpoint.
        stratify_by: Item key that defines strata by its values, such as ``source``; each stratum has these
            fractions in each part. A stratum is split as it would be alone, except that patients who are
            also in an earlier stratum keep their part, and only the others are drawn.
        fold: Index of the test fold, from 0, if `folds` is given.
        folds: Number of cross-validation folds, 0 for none; each fold is the test part of one split and is
            used for training or validation in the others; `test_fraction` is then not used.

    Raises:
        DataError: There are fewer than three patients, or fewer than folds (every part gets at least one), or
            an item lacks `stratify_by`.
        ValueError: A fraction is not strictly between 0 and 1, there is one fold, or `fold` is out of range.
    """
    for name, fraction in (("test_fraction", test_fraction), ("validation_fraction", validation_fraction)):
        if not 0.0 < fraction < 1.0:
            raise ValueError(f"{name} must lie between 0 and 1, not {fraction}.")
    if folds and (folds < 2 or not 0 <= fold < folds):
        raise ValueError(f"fold must be one of 0 to folds - 1, and folds at least 2, not {fold} of {folds}.")
    if stratify_by:
        return _stratified(items, stratify_by, seed, test_fraction, validation_fraction, fold, folds)
    patients = sorted({str(item["patient"]) for item in items})
    if len(patients) < 3:
        raise DataError(
            f"{counted(len(patients), 'patient')} cannot be split into train, validation and test; at "
            "least 3 are needed. Add images, or check the patient column."
        )
    shuffled = [patients[i] for i in np.random.default_rng(seed).permutation(len(patients))]
    if folds:
        shuffled = _fold_first(shuffled, fold, folds)
        tests = len(range(fold, len(patients), folds))
    else:
        tests = _share(len(patients), test_fraction, leave=2)
    validations = _share(len(patients) - tests, validation_fraction, leave=1)
    part_of = dict.fromkeys(shuffled, "train")
    part_of.update(dict.fromkeys(shuffled[:tests], "test"))
    part_of.update(dict.fromkeys(shuffled[tests : tests + validations], "validation"))
    return Split(*([item for item in items if part_of[str(item["patient"])] == part] for part in PARTS))


def _fold_first(patients: Sequence[str], fold: int, folds: int) -> list[str]:
    """Return the patients with those of one fold first; the others keep their order."""
    if folds > len(patients):
        raise DataError(f"{len(patients)} patients cannot be cut into {folds} folds; ask for fewer.")
    if len(patients) - len(patients[fold::folds]) < 2:
        raise DataError(
            f"{folds} folds of {len(patients)} patients leave none to train or to validate; add images."
        )
    held = set(patients[fold::folds])
    return [*patients[fold::folds], *(patient for patient in patients if patient not in held)]


def _stratified(
    items: Sequence[Item],
    key: str,
    seed: int,
    test_fraction: float,
    validation_fraction: float,
    fold: int,
    folds: int,
) -> Split:
    without = [item for item in items if key not in item]
    if without:
        raise DataError(f"{without[0]['image']}: has no column {key!r} to stratify by.")
    part_of: dict[str, str] = {}
    for value in dict.fromkeys(item[key] for item in items):
        own = [item for item in items if item[key] == value]
        new = [item for item in own if str(item["patient"]) not in part_of]
        if len(new) < len(own) and len({str(item["patient"]) for item in new}) < 3:
            part_of |= {str(item["patient"]): "train" for item in new}  # too few to be drawn
            continue
        split = split_by_patient(
            new,
            seed=seed,
            test_fraction=test_fraction,
            validation_fraction=validation_fraction,
            fold=fold,
            folds=folds,
        )
        part_of |= {str(item["patient"]): part for part in PARTS for item in split.part(part)}
    return Split(*([item for item in items if part_of[str(item["patient"])] == part] for part in PARTS))


class Leak(NamedTuple):
    """An item with a patient or image that is also in an earlier part."""

    item: Item
    first: str
    second: str


def leaks(parts: Mapping[str, Sequence[Item]], key: str) -> Iterator[Leak]:
    """Yield every item in a later part than the first item of the same `key`, ``patient`` or ``image``."""
    part_of: dict[str, str] = {}
    for part, items in parts.items():
        for item in items:
            first = part_of.setdefault(str(item[key]), part)
            if first != part:
                yield Leak(item, first, part)


def _share(count: int, fraction: float, *, leave: int) -> int:
    """Round `fraction` of `count`, to at least 1 and leaving at least `leave`."""
    return max(1, min(round(count * fraction), count - leave))
