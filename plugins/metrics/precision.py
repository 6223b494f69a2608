"""Share of the prediction's pixels that are right, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import ClassVar

from cxrtk import metrics, scores


@metrics.register("precision")
class Precision(scores.ConfusionMetric):
    """TP / (TP + FP) per image and channel, in [0, 1]; the mean over both is reported.

    Takes (B, C, H, W) tensors of zeros and ones. It is blind to missed pixels. For an empty prediction it is
    undefined: an empty truth then counts 1, any other 0. (MONAI leaves such images out.)
    """

    ratio: ClassVar[str] = "precision"
