"""The names of what a mask may show, and which of them are sides of one another.

A side is the patient's: the right lung lies on the left of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

SIDES = ("right_lung", "left_lung")
LUNGS = "lungs"  # both, where they are one class
HEART = "heart"
WITH_HEART = "lungs_with_heart"  # both, drawn through the heart
CLASSES = (*SIDES, HEART, WITH_HEART)  # of a network that tells them apart, in the order of its outputs

_MIRRORED: Mapping[str, str] = MappingProxyType(dict(zip(SIDES, reversed(SIDES), strict=True)))


def lung_indices(classes: Sequence[str]) -> list[int]:
    """Where lungs without the heart stand in a list of classes.

    >>> lung_indices(["right_lung", "left_lung", "heart"]), lung_indices(["lungs"])
    ([0, 1], [0])
    """
    return [index for index, name in enumerate(classes) if name in (*SIDES, LUNGS)]


def mirrored_order(classes: Sequence[str]) -> list[int]:
    """The place of the class that each one becomes in a mirror.

    >>> mirrored_order(["right_lung", "left_lung", "heart"])
    [1, 0, 2]
    """
    return [classes.index(_MIRRORED.get(name, name)) for name in classes]
