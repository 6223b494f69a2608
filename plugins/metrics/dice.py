"""Dice coefficient: MONAI's `DiceMetric`, with no case left out."""

from __future__ import annotations

from monai.metrics.meandice import DiceMetric

from cxrtk import metrics


@metrics.register("dice")
def dice() -> DiceMetric:
    """2 |A and B| / (|A| + |B|) per image and channel, in [0, 1]; the mean over both is reported.

    Takes (B, C, H, W) tensors of zeros and ones. An empty prediction for a non-empty mask counts 0, as does
    any prediction for an empty mask; both empty counts 1. (MONAI's own default leaves empty masks out.)
    """
    return DiceMetric(include_background=True, reduction="mean", ignore_empty=False)
