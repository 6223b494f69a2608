"""Fraction of the background pixels that were classified as background, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import ClassVar

from cxrtk import metrics, scores


@metrics.register("specificity")
class Specificity(scores.ConfusionMetric):
    """TN / (TN + FP) per image and channel, in [0, 1]; the mean over both is reported.

    Inputs are (B, C, H, W) tensors of zeros and ones. Missed pixels have no effect: the value for an empty
    prediction is 1. For a ground truth that fills the image the metric is undefined: a prediction that fills
    it too then gives 1, any other 0. (MONAI excludes such images.)
    """

    ratio: ClassVar[str] = "specificity"
