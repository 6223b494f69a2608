"""Class names of masks, and the pairs of classes that are mirror images of each other.

Sides are the patient's: the right lung appears on the left of the image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

SIDES = ("right_lung", "left_lung")
LUNGS = "lungs"  # both lungs as one class
HEART = "heart"
WITH_HEART = "lungs_with_heart"  # both lungs, drawn through the heart
HEART_EXCLUDED, HEART_INCLUDED = "heart-excluded", "heart-included"
CONVENTIONS = (HEART_EXCLUDED, HEART_INCLUDED)  # whether the lungs include the heart
CLASSES = (*SIDES, HEART, WITH_HEART)  # classes of a multi-class network, in output order
# Name of each class for use in a sentence.
IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        SIDES[0]: "right lung",
        SIDES[1]: "left lung",
        LUNGS: "lungs",
        HEART: "heart",
        WITH_HEART: "lungs with the heart",
    }
)

_MIRRORED: Mapping[str, str] = MappingProxyType(dict(zip(SIDES, reversed(SIDES), strict=True)))


def lung_indices(classes: Sequence[str]) -> list[int]:
    """Return the indices of the lung classes without the heart.

    >>> lung_indices(["right_lung", "left_lung", "heart"]), lung_indices(["lungs"])
    ([0, 1], [0])
    """
    return [index for index, name in enumerate(classes) if name in (*SIDES, LUNGS)]


def in_words(name: str) -> str:
    """Return the name of a class for use in a sentence; a user-defined class keeps its own name.

    >>> in_words("right_lung"), in_words("clavicle")
    ('right lung', 'clavicle')
    """
    return IN_WORDS.get(name, name.replace("_", " "))


def mirrored_order(classes: Sequence[str]) -> list[int]:
    """Return, for each class, the index of the class that it becomes in the mirror image.

    >>> mirrored_order(["right_lung", "left_lung", "heart"])
    [1, 0, 2]
    """
    return [classes.index(_MIRRORED.get(name, name)) for name in classes]
