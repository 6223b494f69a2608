"""Labels of several conventions as one multi-class stack, with unlabelled pixels marked unknown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from monai.config.type_definitions import KeysCollection
from monai.data.meta_tensor import MetaTensor
from scipy import ndimage

from cxrtk.api import Label, Reader
from cxrtk.classes import CLASSES, SIDES
from cxrtk.data.transforms import LoadLabeld, refuse_other_size
from cxrtk.errors import CxrReadError

UNKNOWN = -1
SURE_ROWS = SURE_COLUMNS = 0.5

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.int8]


class LoadClassesd(LoadLabeld):
    """Replace a reader's item by its classes: (C, H, W) float32 of 1 (yes), 0 (no) and -1 (unknown).

    The classes are ``right_lung`` and ``left_lung`` (heart excluded), ``heart``, and ``lungs_with_heart``
    (both lungs in one, drawn through the heart). A label determines only what its convention implies:

    - Its own classes, where the heart is excluded. A combined lung mask with two components gives both sides;
      the right lung is the one on the image's left, as radiographs are displayed.
    - Lungs with the heart excluded are a subset of lungs with the heart: 1 there, unknown elsewhere.
    - Lungs with the heart included imply 0 for both sides outside them. Inside they imply 1 only where no
      convention puts heart or diaphragm: in the upper `sure_rows` of a lung, and in the outer `sure_columns`
      of each row.

    Args:
        keys: Keys that hold one of the reader's `items()`.
        reader: Reader of the labels.
        allow_missing_keys: Skip keys that an item does not have.
        image_key: Key of the image; the label must have the same size.
        sure_rows: Fraction of a lung's height, from its apex.
        sure_columns: Fraction of the width of each row, from the chest wall.

    Raises:
        CxrReadError: The label is unreadable, missing or of another size, or its heart convention is unknown.
    """

    def __init__(
        self,
        keys: KeysCollection,
        reader: Reader,
        allow_missing_keys: bool = False,
        image_key: str = "image",
        sure_rows: float = SURE_ROWS,
        sure_columns: float = SURE_COLUMNS,
    ) -> None:
        super().__init__(keys, reader, allow_missing_keys, image_key)
        self.sure_rows = sure_rows
        self.sure_columns = sure_columns

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the reader's item by the stack of classes."""
        item = dict(data)
        for key in self.key_iterator(item):
            path = str(item[key]["image"])
            label = self.reader.read_label(item[key])
            if label is None:
                raise CxrReadError(path, "has no mask", cure="add one, or leave the image out", code="label")
            if label.heart == "unknown":
                raise CxrReadError(
                    path,
                    "its label does not say whether the lungs run through the heart",
                    cure="give the reader heart='excluded' or heart='included'",
                    code="label",
                )
            known = known_classes(label, self.sure_rows, self.sure_columns)
            values = torch.from_numpy(known).float()
            refuse_other_size(self.reader, item[key], values, item.get(self.image_key))
            item[key] = MetaTensor(values, meta={"filename_or_obj": path})
        return item


def known_classes(label: Label, sure_rows: float = SURE_ROWS, sure_columns: float = SURE_COLUMNS) -> Values:
    """Return (4, H, W) int8, one channel per class of `CLASSES`: 1, 0 or `UNKNOWN`; see `LoadClassesd`."""
    values = np.full((len(CLASSES), *label.masks.shape[1:]), UNKNOWN, np.int8)
    lungs = label.lungs().astype(bool)
    sides = _sides(label, lungs)
    if label.heart == "included":
        values[3] = lungs
        values[:2, ~lungs] = 0
        if sides is not None:
            for index in range(2):
                sure = surely_lung(sides[index], right=index == 0, rows=sure_rows, columns=sure_columns)
                values[index][sure] = 1
                values[1 - index][sure] = 0
    else:
        values[3][lungs] = 1
        values[:2, ~lungs] = 0
        if sides is not None:
            values[:2] = sides
    if "heart" in label.classes:
        values[2] = label.masks[label.classes.index("heart")]
    if label.ignore is not None:
        values[:, label.ignore == 1] = UNKNOWN
    return values


def _sides(label: Label, lungs: Mask) -> Mask | None:
    """Return (2, H, W): right and left lung from the label, or the two components of `lungs`."""
    if set(SIDES) <= set(label.classes):
        return label.masks[[label.classes.index(name) for name in SIDES]].astype(bool)
    return split_sides(lungs)


def split_sides(lungs: Mask, *, least: float = 0.05) -> Mask | None:
    """Split a combined lung mask, displayed upright, into the patient's right and left lung, (2, H, W).

    Smaller components are assigned to the nearer lung.

    Args:
        lungs: (H, W), both lungs.
        least: Minimum fraction of the mask for a component to be a lung.

    Returns:
        The two masks; ``None`` unless exactly two components reach that size, one left of the other.
    """
    parts, _ = ndimage.label(lungs, np.ones((3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    large: Sequence[int] = np.flatnonzero(sizes > least * lungs.sum()).tolist()
    if len(large) != 2:
        return None
    columns = [np.nonzero(parts == part)[1].mean() for part in large]
    right, left = large if columns[0] < columns[1] else large[::-1]
    to_right = ndimage.distance_transform_edt(parts != right)
    to_left = ndimage.distance_transform_edt(parts != left)
    nearer = to_right < to_left
    return np.stack([lungs & nearer, lungs & ~nearer])


def surely_lung(lung: Mask, *, right: bool, rows: float = SURE_ROWS, columns: float = SURE_COLUMNS) -> Mask:
    """Return the part of a lung drawn through the heart that is lung in every convention; see `LoadClassesd`.

    Args:
        lung: (H, W), one lung.
        right: True for the patient's right lung, with its chest wall on the image's left.
        rows: Fraction of its height, from its apex.
        columns: Fraction of the width of each row, from the chest wall.
    """
    occupied = np.flatnonzero(lung.any(axis=1))
    sure = np.zeros_like(lung)
    if occupied.size == 0:
        return sure
    last = occupied[0] + round(rows * (occupied[-1] - occupied[0] + 1))
    for row in range(occupied[0], last):
        within = np.flatnonzero(lung[row])
        if within.size:
            first, end = within[0], within[-1] + 1
            width = round(columns * (end - first))
            outer = slice(first, first + width) if right else slice(end - width, end)
            sure[row, outer] = lung[row, outer]
    return sure
