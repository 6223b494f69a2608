"""Fraction of the ground truth's pixels that were found, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import ClassVar

from cxrtk import metrics, scores


@metrics.register("sensitivity")
class Sensitivity(scores.ConfusionMetric):
    """TP / (TP + FN) per image and channel, in [0, 1]; the mean over both is reported.

    Inputs are (B, C, H, W) tensors of zeros and ones. False positive pixels have no effect. For an empty
    ground truth the metric is undefined: an empty prediction then gives 1, any other 0. (MONAI excludes such
    images.)
    """

    ratio: ClassVar[str] = "sensitivity"
