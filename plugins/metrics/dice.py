"""Dice coefficient: MONAI's `DiceMetric`, including empty masks."""

from __future__ import annotations

from monai.metrics.meandice import DiceMetric

from cxrtk import metrics


@metrics.register("dice")
def dice() -> DiceMetric:
    """Create the metric 2 |A and B| / (|A| + |B|) per image and channel, in [0, 1].

    The mean over both is reported. Inputs are (B, C, H, W) tensors of zeros and ones. An empty prediction for
    a non-empty mask gives 0, as does any prediction for an empty mask; two empty masks give 1. (By default,
    MONAI excludes empty masks.)
    """
    return DiceMetric(include_background=True, reduction="mean", ignore_empty=False)
