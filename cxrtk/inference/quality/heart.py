"""Signs of a failed heart, of the cardiothoracic ratio, and of the lungs that are drawn through the heart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cxrtk.cardiothoracic import cardiothoracic_ratio
from cxrtk.classes import CLASSES, HEART, WITH_HEART, lung_indices
from cxrtk.inference.quality.outline import LEAST_AREA, solidity
from cxrtk.inference.quality.overlap import dice, entropy_bits
from cxrtk.models.postprocess import binary, clean

Views = npt.NDArray[np.float32]
Masks = npt.NDArray[np.uint8]


def heart_signs(
    views: Views, classes: Sequence[str], threshold: float, raw: Masks, kept: Masks
) -> dict[str, float]:
    """Compute the signs of the heart, which fails before the lungs do.

    Args:
        views: (V, C, S, S) probabilities; see `cxrtk.inference.quality.signs.signs`.
        classes: C names, ``heart`` among them.
        threshold: Threshold of the masks.
        raw: (C, S, S) masks before post-processing.
        kept: (C, S, S) masks after post-processing.
    """
    heart, lungs = list(classes).index(HEART), lung_indices(classes)
    each = [view[heart] >= threshold for view in views]
    area = int(np.count_nonzero(kept[heart]))
    found = {
        "heart_agreement": dice(each[0], each[-1]),
        "heart_stability": dice(each[0], each[1]),
        "heart_entropy": float(entropy_bits(views[:, heart].mean(axis=0)).sum() / max(area, LEAST_AREA)),
        "heart_fragments": 1.0 - area / max(int(np.count_nonzero(raw[heart])), LEAST_AREA, area),
        "heart_solidity": solidity(kept[heart]),
        "heart_share": area / max(int(np.count_nonzero(kept[lungs].max(axis=0))), LEAST_AREA),
    }
    if len(lungs) == 2:
        found["ratio_spread"] = ratio_spread(views, classes, threshold)
    return found


def ratio_spread(views: Views, classes: Sequence[str], threshold: float) -> float:
    """Return the standard deviation of the cardiothoracic ratio over the views, 0 in one without a heart."""
    chosen = [*lung_indices(classes), list(classes).index(HEART)]
    names = [classes[index] for index in chosen]
    masks = [clean(binary(view[chosen], names, threshold), names) for view in views]
    ratios = [cardiothoracic_ratio(dict(zip(names, each, strict=True))) for each in masks]
    return float(np.std([ratio or 0.0 for ratio in ratios]))


def united_signs(views: Views, classes: Sequence[str], threshold: float, kept: Masks) -> dict[str, float]:
    """Compute the signs of the lungs that are drawn through the heart; arguments as in `heart_signs`."""
    united = list(classes).index(WITH_HEART)
    each = [view[united] >= threshold for view in views]
    bits = float(entropy_bits(views[:, united].mean(axis=0)).sum())
    found = {
        "united_agreement": dice(each[0], each[-1]),
        "united_stability": dice(each[0], each[1]),
        "united_entropy": bits / max(int(np.count_nonzero(kept[united])), LEAST_AREA),
    }
    if set(CLASSES) <= set(classes):
        both = kept[[*lung_indices(classes), list(classes).index(HEART)]].max(axis=0)
        found["with_heart"] = dice(both, kept[united])
    return found
