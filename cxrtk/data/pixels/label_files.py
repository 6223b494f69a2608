"""Masks and class maps stored beside the images of a data set, with their metadata.

``masks/<stem>.png`` holds both lungs, ``labels/<stem>.png`` one number per class; where both exist the class
map is read. ``about.json`` in either folder, or in the root, holds ``{"truth": ..., "heart": ...}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import HEARTS, TRUTHS, Label
from cxrtk.data.pixels.dispatch import displayed_size
from cxrtk.data.pixels.listing import list_images, pair
from cxrtk.data.pixels.masks import read_labels, read_mask
from cxrtk.errors import CxrReadError, DataError

ABOUT = "about.json"
CLASSES: Mapping[int, str] = MappingProxyType({1: "right_lung", 2: "left_lung", 3: "heart"})


def label_map(masks: npt.NDArray[np.uint8], classes: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Combine (C, H, W) masks to (H, W) numbers of `CLASSES`, 0 elsewhere; lungs are drawn over the heart.

    Classes without a number are left out.
    """
    numbers = np.zeros(masks.shape[1:], np.uint8)
    for number, name in sorted(CLASSES.items(), reverse=True):
        if name in classes:
            numbers[masks[classes.index(name)] > 0] = number
    return numbers


class LabelFiles:
    """The label files below one root; lists them once, decodes none.

    Args:
        root: Folder with ``masks/`` and ``labels/``; both may be missing.
        images: Stem -> path of the images.
        truth: Origin of the labels (`cxrtk.api.TRUTHS`); ``None`` leaves it to ``about.json``.
        heart: Whether the lung mask includes the heart (`cxrtk.api.HEARTS`). ``None`` leaves it to
            ``about.json``; failing that it is ``excluded`` where a class map has the heart as a class of its
            own, else ``unknown``.
        default_truth: Origin of the labels where neither states it; ``None`` makes that an error.
        classes: Number -> name of the classes in ``labels/``, without the background 0.

    Raises:
        DataError: No stem matches, ``about.json`` is invalid, or it contradicts `truth` or `heart`.
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
    ) -> None:
        self.root = Path(root)
        self.classes = dict(classes)
        self._masks = self._paired("masks", images)
        self._labels = self._paired("labels", images)
        about = _about(self.root)
        self._truth = _agreed("truth", truth, about, TRUTHS) or default_truth
        self._heart = _agreed("heart", heart, about, HEARTS)

    def files(self, stem: str) -> list[str]:
        """Return the label file of `stem`, if there is one."""
        found = self._labels.get(stem) or self._masks.get(stem)
        return [str(found)] if found is not None else []

    def has(self, stem: str) -> bool:
        """Return whether there is a label of that stem.

        Raises:
            DataError: There is a label, but its origin is not stated.
        """
        return (stem in self._labels or stem in self._masks) and bool(self.truth)

    @property
    def truth(self) -> str:
        """Origin of the labels.

        Raises:
            DataError: The origin is not stated; it is never guessed.
        """
        if self._truth is None:
            raise DataError(
                f"{self.root.resolve()}: there are masks, but nothing says who made them; add "
                f'masks/{ABOUT} with {{"truth": "human"}}, or pass truth= (one of {", ".join(TRUTHS)}).'
            )
        return self._truth

    def read(self, stem: str, image: str | Path) -> Label | None:
        """Read the label of that stem; ``None`` where there is none.

        Args:
            stem: Stem of the image and its label.
            image: Path of the image; the label must have the same size.

        Raises:
            CxrReadError: The label cannot be read, has another size, or has numbers without a class.
            DataError: The origin of the label is not stated.
        """
        if not self.has(stem):
            return None
        if stem in self._labels:
            path = self._labels[stem]
            masks, classes = self._class_masks(path), tuple(self.classes.values())
        else:
            path = self._masks[stem]
            masks, classes = read_mask(path)[None], ("lungs",)
        size = displayed_size(image)
        if masks.shape[1:] != size:
            height, width = masks.shape[1:]
            what = f"is {width} x {height} pixels, but its image {image} is {size[1]} x {size[0]}"
            raise CxrReadError(path, what, cure="make both the same size", code="size")
        heart = self._heart or ("excluded" if "heart" in classes else "unknown")
        return Label(masks, classes, truth=self.truth, heart=heart)

    def _class_masks(self, path: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Return (C, H, W) masks in the order of `classes`."""
        numbers = read_labels(path)
        unnamed = set(np.unique(numbers).tolist()) - {0, *self.classes}
        if unnamed:
            what = f"holds the class numbers {sorted(unnamed)}, which have no name"
            raise CxrReadError(path, what, cure="name them in label_classes", code="values")
        return np.stack([(numbers == number).astype(np.uint8) for number in self.classes])

    def _paired(self, name: str, images: Mapping[str, str]) -> dict[str, str]:
        folder = self.root / name
        return pair(images, list_images(folder), folder) if folder.is_dir() else {}


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
