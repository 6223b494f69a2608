"""Patient-level splits of a reader's items: seeded, saved, and checked for leakage."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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


def read_split(path: Path, items: Sequence[Item]) -> Split:
    """Read a split file: ``{"train": [image names], "validation": [...], "test": [...]}``.

    A name is the end of an image path: the path relative to the data folder, or the file name alone. A name
    that matches several images stands for all of them where they show one patient, such as the same film
    digitised twice. Items that the file does not name belong to no part.

    Raises:
        DataError: The file is invalid, leaks, or names an image twice, an image that the reader does not
            list, or images of several patients.
    """
    return Split(**read_parts(path, items))


def read_parts(path: Path, items: Sequence[Item]) -> dict[str, list[Item]]:
    """Read the parts of a split file without checking for leakage.

    Raises:
        DataError: The same cases as in `read_split`, except leaks and empty parts.
    """
    named = _named(path)
    for part in PARTS:
        counts: Counter[str] = Counter(named[part])
        if len(counts) < len(named[part]):
            twice = counts.most_common(1)[0][0]
            raise DataError(f"{path}: {part} names {twice!r} twice; name each image once.")
    found = _by_name(items, {name for part in PARTS for name in named[part]})
    unknown = sorted(name for name, named_items in found.items() if not named_items)
    if unknown:
        raise DataError(
            f"{path}: {len(unknown)} of its images are not in the data set, the first {unknown[0]!r}; is it "
            "the split of another data set?"
        )
    shared = sorted(name for name, own in found.items() if len({str(item["patient"]) for item in own}) > 1)
    if shared:
        raise DataError(
            f"{path}: {len(shared)} of its images are not the only ones of their name, the first "
            f"{shared[0]!r}, which {len(found[shared[0]])} images of different patients have; name them by "
            "their paths below the data folder."
        )
    parts = {part: [item for name in named[part] for item in found[name]] for part in PARTS}
    for part, part_items in parts.items():
        counted_images = Counter(str(item["image"]) for item in part_items)
        if len(counted_images) < len(part_items):
            twice = counted_images.most_common(1)[0][0]
            raise DataError(f"{path}: {part} names {twice} by two names; name each image once.")
    return parts


def _named(path: Path) -> dict[str, list[str]]:
    """Read the lists of names from a split file."""
    try:
        named = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a split file: {error}; see docs/data.md for its form.") from error
    if not isinstance(named, dict) or set(named) != set(PARTS):
        raise DataError(f"{path}: a split file holds exactly the lists {', '.join(PARTS)}.")
    for part in PARTS:
        if not isinstance(named[part], list) or not all(isinstance(name, str) for name in named[part]):
            raise DataError(f"{path}: {part} must be a list of image names.")
    return {part: named[part] for part in PARTS}


def names_in(path: Path) -> frozenset[str]:
    """Return all names in a split file, of all parts.

    Raises:
        DataError: The file is not a split file.
    """
    return frozenset(name for names in _named(path).values() for name in names)


def part_finder(path: Path, *, by_file_name: bool = False) -> Callable[[str], str | None]:
    """Return a function from an image path to its part in a split file, ``None`` where it is in no part.

    An image is in the part of the longest name that its path ends with.

    Args:
        path: Path of the split file.
        by_file_name: Decide by the file name if no name matches, because the files were copied to another
            folder, provided that all names with that file name are in one part.

    Raises:
        DataError: The file is not a split file.
    """
    part_of = {tuple(PurePath(name).parts): part for part, names in _named(path).items() for name in names}
    lengths = sorted({len(parts) for parts in part_of}, reverse=True)
    by_file: dict[str, set[str]] = {}
    for parts, part in part_of.items():
        by_file.setdefault(parts[-1], set()).add(part)

    def find(image: str) -> str | None:
        parts = PurePath(image).parts
        for length in lengths:
            if parts[-length:] in part_of:
                return part_of[parts[-length:]]
        candidates = by_file.get(parts[-1], set()) if by_file_name and parts else set()
        return next(iter(candidates)) if len(candidates) == 1 else None

    return find


def parts_of(path: Path, items: Sequence[Item], *, by_file_name: bool = False) -> dict[str, str]:
    """Return the part of each image that a split file names; the file may name more images than `items`.

    See `part_finder`.

    Raises:
        DataError: The file is not a split file.
    """
    find = part_finder(path, by_file_name=by_file_name)
    found = {str(item["image"]): find(str(item["image"])) for item in items}
    return {image: part for image, part in found.items() if part is not None}


def _by_name(items: Sequence[Item], names: Collection[str]) -> dict[str, list[Item]]:
    """Map each name to the items with an image path that ends with it."""
    wanted = {PurePath(name).parts: name for name in names}
    lengths = sorted({len(parts) for parts in wanted})
    found: dict[str, list[Item]] = {name: [] for name in names}
    for item in items:
        parts = PurePath(str(item["image"])).parts
        for length in lengths:
            name = wanted.get(parts[-length:])
            if name is not None:
                found[name].append(item)
    return found


def _share(count: int, fraction: float, *, leave: int) -> int:
    """Round `fraction` of `count`, to at least 1 and leaving at least `leave`."""
    return max(1, min(round(count * fraction), count - leave))
