"""Fraction of the predicted pixels that are correct, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import ClassVar

from cxrtk import metrics, scores


@metrics.register("precision")
class Precision(scores.ConfusionMetric):
    """TP / (TP + FP) per image and channel, in [0, 1]; the mean over both is reported.

    Inputs are (B, C, H, W) tensors of zeros and ones. Missed pixels have no effect. For an empty prediction
    the metric is undefined: an empty ground truth then gives 1, any other 0. (MONAI excludes such images.)
    """

    ratio: ClassVar[str] = "precision"
