"""Lesions put into the lung: what is left of it, and the masks of the findings."""

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
    """One finding in one place of a drawn radiograph.

    Attributes:
        finding: Its name in the NIH's table.
        mask: (H, W) uint8 in {0, 1}, never empty: where a ``Nodule`` or a ``Mass`` takes at least a tenth,
            ``Effusion`` and ``Consolidation`` at least a quarter of their greatest thickness along the beam;
            the gap of a ``Pneumothorax`` where it is 4 mm wide; the heart for ``Cardiomegaly``.
    """

    finding: str
    mask: npt.NDArray[np.uint8]


def displace(
    lesions: Sequence[Lesion], chest: Chest, frame: Frame, lung: Array, full: Array
) -> tuple[Array, Array]:
    """Put lesions in the place of lung, one after the other, each in what the last has left.

    Args:
        lesions: In their order.
        chest: The outlines.
        frame: The image.
        lung: (H, W) mm of aerated lung without its vessels.
        full: (H, W) mm of lung with them.

    Returns:
        The lung that is left and the air that is free, (H, W) in mm. What is neither is tissue.
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
    """What an image shows, and where; the heart first.

    The lesions are put into a lung without vessels and mottle, so that these do not fray the masks.
    """
    found = [Planted("Cardiomegaly", layers.heart.astype(np.uint8))] if wide_heart else []
    lung = layers.lung_mm
    for lesion in lesions:
        taken = lesion.taken(chest, frame, lung)
        lung = lung - taken
        found.append(Planted(lesion.finding, lesion.seen(chest, frame, taken).astype(np.uint8)))
    return tuple(found)
