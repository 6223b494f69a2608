"""Masks with class names, and the mapping of other spellings to the class names of this project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, LUNGS, SIDES
from cxrtk.errors import CxrReadError

MOST_CLASSES = 32  # of one file; each is a mask of the picture's size

Mask = npt.NDArray[np.uint8]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LUNG = {"lung", "lungs", "lungfield", "lungfields", "pulmo", "pulmonary"}
_SIDE = {"right": "right", "r": "right", "left": "left", "l": "left"}
_FURTHER = {"mask", "masks", "label", "labels", "seg", "segmentation", "field", "fields", "of", "the", "a"}
_RUN_TOGETHER = {
    f"{side}{organ}": (side, organ) for side in ("right", "left", "r", "l") for organ in ("lung", "mask")
}


@dataclass(frozen=True, eq=False)
class NamedMasks:
    """Content of one annotation file.

    Attributes:
        masks: (C, H, W) uint8 in {0, 1}, one channel per class; C may be 0.
        classes: C different names, those of `cxrtk.classes` where `class_of` knows them.
    """

    masks: Mask
    classes: tuple[str, ...]

    def lungs(self, path: str | Path) -> Mask:
        """Return both lungs in one mask, (H, W) uint8 in {0, 1}: of ``lungs`` or of both sides.

        Args:
            path: Path of the file, for the message.

        Raises:
            CxrReadError: Neither ``lungs`` nor both sides are among the classes.
        """
        wanted = [LUNGS] if LUNGS in self.classes else list(SIDES)
        if not set(wanted) <= set(self.classes):
            there = ", ".join(map(repr, self.classes)) or "nothing"
            what = f"holds {there}, but not both lungs"
            cure = 'state which of them they are, such as names={"Segment 1": "lungs"}'
            raise CxrReadError(path, what, cure=cure, code="label")
        united: Mask = self.masks[[self.classes.index(name) for name in wanted]].max(axis=0)
        return united


def class_of(name: str, names: Mapping[str, str] | None = None) -> str:
    """Return the class of this project for a name that an editor or a folder uses.

    ``left`` is the patient's left, as in all known data sets that define it. A name other than that of a lung
    or the heart is kept, in lower case and with underscores.

    Args:
        name: Name as written, such as ``Left Lung``, ``lung_left``, ``leftMask`` or ``LLung``.
        names: Map from names, spelt as in the file, to classes, to override their interpretation.

    >>> class_of("Left Lung"), class_of("rightMask"), class_of("Lungs"), class_of("Aortic arch")
    ('left_lung', 'right_lung', 'lungs', 'aortic_arch')
    """
    if names and name in names:
        return names[name]
    words: list[str] = []
    for word in (found.lower() for found in _WORD.findall(name)):
        words.extend(_RUN_TOGETHER.get(word, (word,)))
    sides = {_SIDE[word] for word in words if word in _SIDE}
    others = set(words) - _SIDE.keys() - _LUNG - _FURTHER
    if not others and len(sides) == 1 and words:
        return f"{sides.pop()}_lung"
    if not others - {"both"} and set(words) & _LUNG:
        return LUNGS
    if set(words) - _FURTHER == {"heart"}:
        return HEART
    return "_".join(words) or name


def side_of(name: str) -> str | None:
    """Return ``right_lung`` or ``left_lung`` where a name is that of one side, as a folder's; else None."""
    found = class_of(name)
    return found if found in SIDES else None


def unite(parts: Iterable[tuple[str, Mask]], size: tuple[int, int]) -> NamedMasks:
    """Combine masks; those of one class are united, and classes stay in the order of their first mask.

    Args:
        parts: Class and (H, W) mask of each part.
        size: (H, W) of the result if there are no parts.
    """
    united: dict[str, Mask] = {}
    for name, mask in parts:
        united[name] = mask if name not in united else np.maximum(united[name], mask)
    return stack(united, size)


def stack(masks: Mapping[str, Mask], size: tuple[int, int], order: Sequence[str] = ()) -> NamedMasks:
    """Stack masks by class; the lungs and the heart come first, then the others, or as `order` says."""
    first = order or (*SIDES, LUNGS, HEART)
    classes = [name for name in first if name in masks] + [name for name in masks if name not in first]
    if not classes:
        return NamedMasks(np.zeros((0, *size), np.uint8), ())
    return NamedMasks(np.stack([masks[name] for name in classes]), tuple(classes))
