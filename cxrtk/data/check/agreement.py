"""Agreement of a mask, unchanged, rotated or shifted, with the expected position of its organ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxrtk.api import Label
from cxrtk.classes import HEART, LUNGS, SIDES
from cxrtk.data.check.expected_features import SIDE
from cxrtk.data.pixels.frontal import reduced

Array = npt.NDArray[np.floating[Any]]

# Possible changes of a mask. The grid is square, so it can be rotated whatever the shape of the image.
CHANGES: Final[dict[str, Callable[[Array], Array]]] = {
    "as it is": lambda mask: mask,
    "mirrored": lambda mask: mask[:, ::-1],
    "upside down": lambda mask: mask[::-1],
    "turned by 180 degrees": lambda mask: mask[::-1, ::-1],
    "transposed": lambda mask: mask.T,
    "transposed and turned by 180 degrees": lambda mask: mask[::-1, ::-1].T,
    "turned by 90 degrees": lambda mask: np.rot90(mask),
    "turned by 270 degrees": lambda mask: np.rot90(mask, 3),
}
AS_IT_IS: Final = "as it is"
FARTHEST: Final = 10  # maximum shift of a mask, in points of SIDE


@dataclass(frozen=True)
class Agreement:
    """Comparison of one class of a label with what is expected in the picture.

    Attributes:
        name: Class.
        fits: Change of the mask -> its correlation with the expected mask, in [-1, 1].
        offset: (down, right) offset of the mask from the position with the best fit, as fractions of the
            height and the width.
        shifted_fit: Correlation of the mask at that position.
        doubt: Mean uncertainty of the expectation, in units of the expected area; 0 where it is certain.
    """

    name: str
    fits: dict[str, float]
    offset: tuple[float, float]
    shifted_fit: float
    doubt: float

    @property
    def fit(self) -> float:
        """Correlation of the unchanged mask."""
        return self.fits[AS_IT_IS]

    @property
    def distance(self) -> float:
        """Length of the offset."""
        return float(np.hypot(*self.offset))

    def best(self) -> str:
        """Return the change with which the mask fits best."""
        return max(self.fits, key=lambda change: self.fits[change])


def agreements(label: Label, expected: npt.NDArray[np.floating[Any]]) -> list[Agreement]:
    """Compare the lungs of a label, and each lung and the heart if they are separate classes.

    Empty and full masks, and classes without an expectation, are skipped. If the label does not state whether
    its lungs include the heart, the convention with the better fit is used.

    Args:
        label: Label of the image.
        expected: Estimate of the organs, (5, SIDE, SIDE), from `cxrtk.data.check.expected.expected_masks` or
            another source; NaN for organs that it does not cover.
    """
    found = []
    masks = {name: reduced(mask, SIDE, SIDE) for name, mask in zip(label.classes, label.masks, strict=True)}
    if LUNGS not in masks and set(SIDES) <= masks.keys():
        masks = {LUNGS: np.maximum(*(masks[side] for side in SIDES)), **masks}
    for name, mask in masks.items():
        places = [place for place in _places(name, label.heart, expected) if not np.isnan(place).any()]
        if places and mask.min() < mask.max():
            compared = [compare(name, mask, place) for place in places]
            found.append(max(compared, key=lambda each: max(each.fits.values())))
    return found


def compare(name: str, mask: Array, place: Array) -> Agreement:
    """Compare a mask with the expected mask, both (SIDE, SIDE) in [0, 1]."""
    doubt = float((4 * place * (1 - place)).mean() / max(float(place.mean()), 0.05))
    centred, wanted = mask - mask.mean(), place - place.mean()
    norm = float(np.sqrt((centred**2).sum() * (wanted**2).sum())) + 1e-9
    fits = {change: float((turn(centred) * wanted).sum()) / norm for change, turn in CHANGES.items()}
    offset, matched = _offset(centred, wanted)
    return Agreement(name, fits, offset, matched / norm, doubt)


def _places(name: str, heart: str, expected: Array) -> list[Array]:
    right, left, heart_place, right_through, left_through = np.clip(expected, 0, 1)
    if name == HEART:
        return [heart_place]
    places = {
        LUNGS: (np.maximum(right, left), np.maximum(right_through, left_through)),
        SIDES[0]: (right, right_through),
        SIDES[1]: (left, left_through),
    }.get(name)
    if places is None:
        return []
    return {"excluded": [places[0]], "included": [places[1]]}.get(heart, list(places))


def _offset(centred: Array, wanted: Array) -> tuple[tuple[float, float], float]:
    """Find the shift, to a fraction of a point, with the largest product, and that product."""
    first, second = (np.fft.rfft2(np.pad(each, FARTHEST)) for each in (centred, wanted))
    size = SIDE + 2 * FARTHEST
    matched = np.roll(np.fft.irfft2(first * np.conj(second), (size, size)), (FARTHEST, FARTHEST), (0, 1))
    matched = matched[: 2 * FARTHEST + 1, : 2 * FARTHEST + 1]
    row, column = np.unravel_index(int(matched.argmax()), matched.shape)
    down = row - FARTHEST + _vertex(matched[:, column], int(row))
    right = column - FARTHEST + _vertex(matched[row], int(column))
    return (float(down) / SIDE, float(right) / SIDE), float(matched[row, column])


def _vertex(values: Array, at: int) -> float:
    """Return the vertex of the parabola through the largest value and its neighbours, relative to it."""
    if not 0 < at < len(values) - 1:
        return 0.0
    curve = values[at - 1] - 2 * values[at] + values[at + 1]
    return float((values[at - 1] - values[at + 1]) / (2 * curve)) if curve < 0 else 0.0
