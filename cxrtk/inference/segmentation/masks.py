"""Masks at the size of an image, cut from probabilities on the network's grid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from cxrtk.classes import SIDES
from cxrtk.models.components import largest
from cxrtk.models.postprocess import bounds, regions_of

Mask = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]
Bits = npt.NDArray[np.bool_]
Box = tuple[slice, slice]


class Part(NamedTuple):
    """A class within the box that contains it: slices of the image, and (h, w) probabilities."""

    box: Box
    probabilities: Probabilities


def masks_of(
    probabilities: Probabilities,
    classes: Sequence[str],
    size: tuple[int, int],
    threshold: float,
    *,
    postprocess: bool = True,
) -> tuple[Mask, Probabilities]:
    """Return the masks at the size of an image, and the probabilities at that size.

    Args:
        probabilities: (C, S, S) on the network's grid.
        classes: Names of the C classes.
        size: (H, W) of the image.
        threshold: Minimum probability for a pixel to belong to a class.
        postprocess: Keep one region per lung and heart, without holes.

    Returns:
        (C, H, W) of zeros and ones, and (C, H, W) in [0, 1].
    """
    masks = cut(probabilities, classes, size, threshold, postprocess=postprocess)
    return masks, at_size(probabilities, size)


def cut(
    probabilities: Probabilities,
    classes: Sequence[str],
    size: tuple[int, int],
    threshold: float,
    *,
    postprocess: bool = True,
) -> Mask:
    """Return (C, H, W) masks of zeros and ones; the arguments are those of `masks_of`.

    The result equals `binary` and `clean` applied to `at_size`, up to the rounding of the interpolation. Each
    class is interpolated only within the box that can contain it, since most of an image is far from every
    organ.
    """
    masks = np.zeros((len(classes), *size), np.uint8)
    parts = [_part(each, size, threshold) for each in probabilities]
    inside = [None if part is None else part.probabilities >= threshold for part in parts]
    if set(SIDES) <= set(classes):
        right, left = (classes.index(side) for side in SIDES)
        _make_disjoint(parts[right], parts[left], inside[right], inside[left])
    for mask, name, part, bits in zip(masks, classes, parts, inside, strict=True):
        if part is None or bits is None:
            continue
        found = bounds(bits)
        if postprocess and found is not None:
            bits[found] = largest(bits[found], regions_of(name))
        mask[part.box] = bits
    return masks


def _part(grid: Probabilities, size: tuple[int, int], threshold: float) -> Part | None:
    """Interpolate (S, S) probabilities within the box of the image where they may reach the threshold."""
    cells = bounds(grid >= threshold)
    if cells is None:
        return None
    axes = [
        _axis(length, new).within(span) for length, new, span in zip(grid.shape, size, cells, strict=True)
    ]
    down, across = axes
    columns = grid[:, across.first] * across.near + grid[:, across.second] * across.far  # (S, w)
    box = (
        slice(down.start, down.start + len(down.first)),
        slice(across.start, across.start + len(across.first)),
    )
    found = columns[down.first]
    found *= down.near[:, None]
    found += columns[down.second] * down.far[:, None]
    return Part(box, found)


class Axis(NamedTuple):
    """Bilinear interpolation along one axis, beginning at pixel `start`: cells and weights of each pixel."""

    start: int
    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    near: Probabilities
    far: Probabilities

    def within(self, cells: slice) -> Axis:
        """Select the pixels that depend on some of the cells."""
        begin = int(np.searchsorted(self.second, cells.start))
        end = int(np.searchsorted(self.first, cells.stop))
        here = slice(begin, end)
        return Axis(self.start + begin, self.first[here], self.second[here], self.near[here], self.far[here])


@lru_cache(maxsize=64)
def _axis(length: int, new: int) -> Axis:
    """Return the sampling points of `torch.nn.functional.interpolate`, for `length` cells to `new` pixels."""
    scale = np.float64(np.float32(length / new))
    points = np.maximum((scale * (np.arange(new) + 0.5) - 0.5).astype(np.float32), np.float32(0))
    first = np.minimum(points.astype(np.intp), length - 1)
    far = points - first.astype(np.float32)
    return Axis(0, first, np.minimum(first + 1, length - 1), np.float32(1) - far, far)


def _make_disjoint(
    right: Part | None, left: Part | None, in_right: Bits | None, in_left: Bits | None
) -> None:
    """Assign each pixel in both lungs to the more probable one, on a tie to the right one, in place."""
    if right is None or left is None or in_right is None or in_left is None:
        return
    spans = [
        slice(max(one.start, other.start), min(one.stop, other.stop))
        for one, other in zip(right.box, left.box, strict=True)
    ]
    if any(span.start >= span.stop for span in spans):
        return
    here, there = (
        tuple(
            slice(span.start - own.start, span.stop - own.start)
            for span, own in zip(spans, part.box, strict=True)
        )
        for part in (right, left)
    )
    likelier = right.probabilities[here] >= left.probabilities[there]
    both = in_right[here] & in_left[there]
    in_right[here] &= ~both | likelier
    in_left[there] &= ~(both & likelier)


def at_size(probabilities: Probabilities, size: tuple[int, int]) -> Probabilities:
    """Resample (C, S, S) to (C, H, W), bilinearly; thresholds are applied later, for smooth outlines."""
    grid = torch.from_numpy(np.ascontiguousarray(probabilities))[None]
    resized: Probabilities = torch.nn.functional.interpolate(
        grid, size, mode="bilinear", align_corners=False
    )[0].numpy()
    return resized
