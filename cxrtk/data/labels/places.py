"""Places of the masks of a data set: the files, or the annotation in a file, that belong to an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.labels.coco import Coco, is_coco
from cxrtk.data.labels.folders import MaskFolder, list_masks, side_folders, unread_files
from cxrtk.data.labels.json_files import looks_like_json, read_json
from cxrtk.data.labels.patterns import mask_patterns
from cxrtk.data.pixels.listing import pair
from cxrtk.errors import CxrReadError, DataError

MASKS, LABELS, ANNOTATIONS = "masks", "labels", "annotations"


@dataclass(frozen=True)
class Part:
    """One file with a mask of an image.

    Attributes:
        path: Path of the file.
        side: Class of the only mask in it; ``None`` if the file states the classes or holds both lungs.
        is_map: True if the file is in a place for class maps.
    """

    path: str
    side: str | None = None
    is_map: bool = False


@dataclass
class Places:
    """The masks of a data set.

    Attributes:
        parts: Stem -> files of its masks, one for each side or one for all.
        coco: Files with the annotations of many images.
        sides: Sides that an image with side masks must have.
    """

    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    coco: list[Coco] = field(default_factory=list)
    sides: tuple[str, ...] = ()

    def coco_of(self, stem: str) -> Coco | None:
        """Return the file with the annotations of an image that has no mask of its own."""
        return next((file for file in self.coco if file.has(stem)), None)

    def has(self, stem: str) -> bool:
        """Return whether an image has a mask."""
        return stem in self.parts or self.coco_of(stem) is not None

    def files(self, stem: str) -> list[str]:
        """Return the files from which the masks of an image are read."""
        if stem in self.parts:
            return [part.path for part in self.parts[stem]]
        coco = self.coco_of(stem)
        return [] if coco is None else [coco.path]


def find_places(root: Path, images: Mapping[str, str], names: Mapping[str, str] | None = None) -> Places:
    """Find the masks of images in the usual places.

    These are ``labels/``, ``masks/``, and, if neither holds files, the folders of two sides in either or in
    the root, ``annotations/``, JSON files beside the images, and COCO JSON in the root. For each image the
    mask in the first of these places is used.

    Args:
        root: Folder of the data set.
        images: Stem -> path of the images.
        names: Map from names in the annotations to classes.

    Raises:
        DataError: Masks are there, but none fits an image; or files in ``masks/``, ``labels/`` or
            ``annotations/`` are not read.
        CxrReadError: A COCO file is damaged.
    """
    places = Places()
    for name in (LABELS, MASKS):
        folder = root / name
        if not folder.is_dir():
            continue
        there = list_masks(folder)
        for stem, path in pair(images, there.files, folder).items():
            places.parts.setdefault(stem, (Part(path, is_map=name == LABELS),))
        _add_sides(places, there.sides, images, folder)
        _add_drawings(places, there, images, folder, names)
    if not places.parts and not places.coco:
        _add_sides(places, side_folders(root) if root.is_dir() else {}, images, root)
    _add_annotations(places, root, images, names)
    return places


def named_places(
    root: Path, images: Mapping[str, str], masks: Any, names: Mapping[str, str] | None = None
) -> Places:
    """Find the masks of images where `masks` says; see `cxrtk.data.labels.patterns.mask_patterns`.

    Raises:
        ConfigError: `masks` is no folder or pattern.
        DataError: No image has a mask there.
        CxrReadError: A COCO file is damaged.
    """
    places = Places()
    if isinstance(masks, str) and masks.lower().endswith(".json") and "{" not in masks:
        places.coco = [Coco(root / masks, names)]
        _check_coco(places, images)
        return places
    patterns = mask_patterns(masks, root)
    for stem in images:
        found = [(side, pattern.find(stem)) for side, pattern in patterns.items()]
        parts = tuple(Part(path, side) for side, path in found if path is not None)
        if parts:
            places.parts[stem] = parts
    places.sides = tuple(side for side in patterns if side is not None)
    if not places.parts:
        wanted = ", ".join(pattern.pattern for pattern in patterns.values())
        raise DataError(
            f"{root.resolve()}: no image has a mask named {wanted}, the first image being "
            f"{next(iter(images))!r}; correct masks (--set reader#masks=...)."
        )
    return places


def _add_sides(places: Places, sides: Mapping[str, Path], images: Mapping[str, str], folder: Path) -> None:
    if not sides:
        return
    if len(sides) < 2:
        [(side, only)] = sides.items()
        raise DataError(
            f"{only.resolve()}: holds the masks of one side, {side}; put those of the other beside it, in a "
            "folder named after it."
        )
    found: dict[str, list[Part]] = {}
    for side, place in sorted(sides.items(), reverse=True):  # right_lung first
        there = list_masks(place)
        if there.sides or there.drawings:
            others = [f"{deeper.name}/" for deeper in there.sides.values()]
            others += [Path(path).name for path in there.drawings.values()]
            raise DataError(unread_files(place, others))
        for stem, path in pair(images, there.files, place).items():
            found.setdefault(stem, []).append(Part(path, side))
    for stem, parts in found.items():
        places.parts.setdefault(stem, tuple(parts))
    places.sides = tuple(sorted(sides, reverse=True))


def _add_drawings(
    places: Places,
    there: MaskFolder,
    images: Mapping[str, str],
    folder: Path,
    names: Mapping[str, str] | None,
) -> None:
    """Add the JSON files of a folder: drawings by their stems, and COCO files; no other may be there."""
    others = []
    for stem, path in there.drawings.items():
        if stem in images:
            places.parts.setdefault(stem, (Part(path),))
        elif (coco := _coco(Path(path), names)) is not None:
            places.coco.append(coco)
        else:
            others.append(Path(path).name)
    if others:
        raise DataError(unread_files(folder, others))
    if there.drawings:
        _check_coco(places, images)


def _add_annotations(
    places: Places, root: Path, images: Mapping[str, str], names: Mapping[str, str] | None
) -> None:
    """Add the files of annotation tools in ``annotations/``, in the root and beside the images."""
    folder = root / ANNOTATIONS
    if folder.is_dir():
        there = list_masks(folder)
        for stem, path in pair(images, there.files, folder).items():
            places.parts.setdefault(stem, (Part(path, is_map=True),))
        _add_sides(places, there.sides, images, folder)
        _add_drawings(places, there, images, folder, names)
    beside = {str(Path(path).parent) for path in images.values()}
    for place in sorted({str(root), *beside}):
        for file in _json_files(Path(place)):
            if file.stem in images and place in beside:
                places.parts.setdefault(file.stem, (Part(str(file)),))
            elif (coco := _coco(file, names)) is not None and any(map(coco.has, images)):
                places.coco.append(coco)


def _json_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.glob("*.json") if path.is_file())


def _coco(path: Path, names: Mapping[str, str] | None) -> Coco | None:
    """Return the file as COCO JSON, ``None`` if it is from another tool."""
    try:
        if not looks_like_json(path):
            return None
        content = read_json(path)
    except CxrReadError as error:
        if error.code in ("damaged", "empty"):
            return None  # some other tool's, as nothing in it says COCO
        raise
    return Coco(path, names, content) if is_coco(content) else None


def _check_coco(places: Places, images: Mapping[str, str]) -> None:
    for file in places.coco:
        if not any(map(file.has, images)):
            first = next(iter(file.files.values()), "none")
            raise DataError(
                f"{file.path}: annotates none of the images ({first!r} against {next(iter(images))!r}); give "
                "both the same names."
            )
