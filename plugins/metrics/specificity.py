"""Share of the background's pixels that were left alone, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import ClassVar

from cxrtk import metrics, scores


@metrics.register("specificity")
class Specificity(scores.ConfusionMetric):
    """TN / (TN + FP) per image and channel, in [0, 1]; the mean over both is reported.

    Takes (B, C, H, W) tensors of zeros and ones. It is blind to missed pixels: an empty prediction counts 1.
    For a truth that fills the image it is undefined: a prediction that fills it too then counts 1, any other
    0. (MONAI leaves such images out.)
    """

    ratio: ClassVar[str] = "specificity"
