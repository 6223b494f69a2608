"""Masks and class maps stored beside the images of a data set, with their metadata.

``masks/<stem>.png`` holds both lungs, ``labels/<stem>.png`` one number per class; where both exist the class
map is read. `cxrtk.data.labels.places` lists the other places. ``about.json`` in either folder, or in the
root, holds ``{"truth": ..., "heart": ...}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.api import HEARTS, TRUTHS, Label
from cxrtk.data.labels.named import NamedMasks, unite
from cxrtk.data.labels.places import Part, find_places, named_places
from cxrtk.data.labels.read import read_named
from cxrtk.data.pixels.dispatch import displayed_size
from cxrtk.data.pixels.label_map import CLASSES
from cxrtk.data.pixels.masks import check_threshold, read_mask
from cxrtk.errors import CxrReadError, DataError

ABOUT = "about.json"


class LabelFiles:
    """The label files below one root; lists them once, decodes none.

    Args:
        root: Folder with ``masks/`` and ``labels/``; both may be missing.
        images: Stem -> path of the images.
        truth: Origin of the labels (`cxrtk.api.TRUTHS`); ``None`` uses ``about.json``.
        heart: Heart convention of the lung mask (`cxrtk.api.HEARTS`). ``None`` uses ``about.json``; without
            it, the convention is ``excluded`` if a class map has the heart as a separate class, otherwise
            ``unknown``.
        default_truth: Origin of the labels where neither states it; ``None`` makes that an error.
        classes: Number -> name of the classes in ``labels/``, without the background 0.
        masks: Location of the masks, if not in the usual places; see
            `cxrtk.data.labels.patterns.mask_patterns`.
        maps: True if the files in ``masks/``, or those named by `masks`, are class maps too.
        threshold: Fraction of the range above which a pixel of a mask is inside; see `read_mask`.
        names: Map from names in segmentations and polygons to classes.

    Raises:
        ConfigError: `masks` or `threshold` is invalid.
        DataError: No stem matches, a file beside the masks is not read, ``about.json`` is invalid, or it
            contradicts `truth` or `heart`.
        CxrReadError: A file with the annotations of all images is damaged.
    """

    def __init__(
        self,
        root: str | Path,
        images: Mapping[str, str],
        *,
        truth: str | None = None,
        heart: str | None = None,
        default_truth: str | None = None,
        classes: Mapping[int, str] = CLASSES,
        masks: Any = None,
        maps: bool = False,
        threshold: float | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        check_threshold(threshold)
        self.root = Path(root)
        self.classes = dict(classes)
        self.names = dict(names or {})
        self.maps = maps
        self.threshold = threshold
        if masks is None:
            self._places = find_places(self.root, images, self.names)
        else:
            self._places = named_places(self.root, images, masks, self.names)
        about = _about(self.root)
        self._truth = _agreed("truth", truth, about, TRUTHS) or default_truth
        self._heart = _agreed("heart", heart, about, HEARTS)

    def files(self, stem: str) -> list[str]:
        """Return the label files of `stem`, if there are any."""
        return self._places.files(stem)

    def has(self, stem: str) -> bool:
        """Return whether there is a label of that stem.

        Raises:
            DataError: There is a label, but its origin is not stated.
        """
        return self._places.has(stem) and bool(self.truth)

    @property
    def truth(self) -> str:
        """Origin of the labels.

        Raises:
            DataError: The origin is not stated; it is never guessed.
        """
        if self._truth is None:
            raise DataError(
                f"{self.root.resolve()}: there are masks, but it is not stated who made them; add "
                f'masks/{ABOUT} with {{"truth": "human"}}, or pass truth= (one of {", ".join(TRUTHS)}).'
            )
        return self._truth

    def read(self, stem: str, image: str | Path) -> Label | None:
        """Read the label of that stem; ``None`` where there is none.

        Args:
            stem: Stem of the image and its label.
            image: Path of the image; the label must have the same size.

        Raises:
            CxrReadError: The label cannot be read, has another size, lacks the mask of one side, or has
                numbers without a class.
            DataError: The origin of the label is not stated.
        """
        if not self.has(stem):
            return None
        named = self._named(stem, image)
        path = self.files(stem)[0]
        if not named.classes:
            raise CxrReadError(path, "holds no mask", cure="draw it, or remove the file", code="label")
        size = displayed_size(image)
        if named.masks.shape[1:] != size:
            height, width = named.masks.shape[1:]
            what = f"is {width} x {height} pixels, but its image {image} is {size[1]} x {size[0]}"
            raise CxrReadError(path, what, cure="make both the same size", code="size")
        heart = self._heart or ("excluded" if "heart" in named.classes else "unknown")
        return Label(named.masks, named.classes, truth=self.truth, heart=heart)

    def _named(self, stem: str, image: str | Path) -> NamedMasks:
        parts = self._places.parts.get(stem)
        if parts is None:
            coco = self._places.coco_of(stem)
            assert coco is not None  # as `has` was true
            return coco.read(stem, displayed_size(image))
        if parts[0].side is None:
            return self._one(parts[0], image)
        return self._sides(parts, image)

    def _one(self, part: Part, image: str | Path) -> NamedMasks:
        """Read a file that holds all classes."""
        return read_named(
            part.path,
            image=image,
            size=displayed_size(image) if part.path.lower().endswith(".json") else None,
            numbers=self.classes if part.is_map or self.maps else None,
            names=self.names,
            threshold=self.threshold,
        )

    def _sides(self, parts: Sequence[Part], image: str | Path) -> NamedMasks:
        """Read files that hold one class each."""
        missing = [side for side in self._places.sides if side not in [part.side for part in parts]]
        if missing:
            what = f"is the only mask of {image}: there is none of {', '.join(missing)}"
            raise CxrReadError(parts[0].path, what, cure="add it, or remove this one", code="label")
        size = displayed_size(image)
        masks = []
        for part in parts:
            mask = read_mask(part.path, threshold=self.threshold)
            if mask.shape != size:
                (height, width), (rows, columns) = mask.shape, size
                what = f"is {width} x {height} pixels, but its image {image} is {columns} x {rows}"
                raise CxrReadError(part.path, what, cure="make both the same size", code="size")
            masks.append((str(part.side), mask))
        return unite(masks, size)


def _about(root: Path) -> dict[str, Any]:
    """Return the first about.json in masks/, labels/ and the root; empty where there is none."""
    for path in (root / "masks" / ABOUT, root / "labels" / ABOUT, root / ABOUT):
        if path.is_file():
            try:
                about = json.loads(path.read_text(encoding="utf-8-sig"))
            except (OSError, ValueError) as error:
                raise DataError(f"{path}: is not readable JSON: {error}; correct it.") from error
            if not isinstance(about, dict):
                raise DataError(f'{path}: must hold an object such as {{"truth": "human"}}; correct it.')
            return {**about, "path": str(path)}
    return {}


def _agreed(key: str, argument: str | None, about: Mapping[str, Any], known: tuple[str, ...]) -> str | None:
    stated = about.get(key)
    for value, origin in ((argument, f"{key}="), (stated, f"{about.get('path')}: {key}")):
        if value is not None and value not in known:
            raise DataError(f"{origin} must be one of {', '.join(known)}, not {value!r}.")
    if argument is not None and stated is not None and argument != stated:
        raise DataError(
            f"{about['path']}: says {key} {stated!r}, but {key}={argument!r} was passed; drop one."
        )
    return argument if argument is not None else stated
