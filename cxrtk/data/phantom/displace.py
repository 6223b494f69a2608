"""Insertion of lesions into the lung, and the masks of the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxrtk.data.phantom.chest import Chest, Layers
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.lesions import Gap, Lesion


@dataclass(frozen=True, eq=False)
class Planted:
    """One finding at one location of a phantom image.

    Attributes:
        finding: Name of the finding in the NIH's table.
        mask: (H, W) uint8 in {0, 1}, never empty: where a ``Nodule`` or a ``Mass`` has at least a tenth,
            ``Effusion`` and ``Consolidation`` at least a quarter of its maximum thickness along the beam;
            where the gap of a ``Pneumothorax`` is at least 4 mm wide; the heart for ``Cardiomegaly``.
    """

    finding: str
    mask: npt.NDArray[np.uint8]


def displace(
    lesions: Sequence[Lesion], chest: Chest, frame: Frame, lung: Array, full: Array
) -> tuple[Array, Array]:
    """Replace lung by lesions, one after the other, each in the lung that the previous ones left.

    Args:
        lesions: Lesions in their order.
        chest: The outlines.
        frame: The image geometry.
        lung: (H, W) mm of aerated lung without its vessels.
        full: (H, W) mm of lung with its vessels.

    Returns:
        The remaining lung and the free air, (H, W) in mm. The rest is tissue.
    """
    air = np.zeros_like(lung)
    for lesion in lesions:
        lung = lung - lesion.taken(chest, frame, lung)
        if isinstance(lesion, Gap):
            air += lesion.freed(chest, frame, full)
    return lung, air


def masks_of(
    lesions: Sequence[Lesion], chest: Chest, frame: Frame, layers: Layers, wide_heart: bool
) -> tuple[Planted, ...]:
    """Return the findings of an image with their masks; the heart first.

    The lesions are inserted into a lung without vessels and mottle, so that the masks have smooth borders.
    """
    found = [Planted("Cardiomegaly", layers.heart.astype(np.uint8))] if wide_heart else []
    lung = layers.lung_mm
    for lesion in lesions:
        taken = lesion.taken(chest, frame, lung)
        lung = lung - taken
        found.append(Planted(lesion.finding, lesion.seen(chest, frame, taken).astype(np.uint8)))
    return tuple(found)
