"""Share of the truth's pixels that were found, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import ClassVar

from cxrtk import metrics, scores


@metrics.register("sensitivity")
class Sensitivity(scores.ConfusionMetric):
    """TP / (TP + FN) per image and channel, in [0, 1]; the mean over both is reported.

    Takes (B, C, H, W) tensors of zeros and ones. It is blind to invented pixels. For an empty truth it is
    undefined: an empty prediction then counts 1, any other 0. (MONAI leaves such images out.)
    """

    ratio: ClassVar[str] = "sensitivity"
