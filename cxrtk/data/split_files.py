"""Split files: the parts of a split by the names of its images, as `Split.save` writes them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePath

from cxrtk.data.splits import PARTS, Item, Split
from cxrtk.errors import DataError


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


def same_split(one: Path, other: Path) -> bool:
    """Return whether two split files name the same images in each part.

    Raises:
        DataError: One of the files is not a split file.
    """
    first, second = ({part: set(names) for part, names in _named(path).items()} for path in (one, other))
    return first == second


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
