"""Intersection over union: MONAI's `MeanIoU`, including empty masks."""

from __future__ import annotations

from monai.metrics.meaniou import MeanIoU

from cxrtk import metrics


@metrics.register("iou")
def iou() -> MeanIoU:
    """Create the metric |A and B| / |A or B| (Jaccard index) per image and channel, in [0, 1].

    The mean over both is reported. Inputs are (B, C, H, W) tensors of zeros and ones. An empty prediction for
    a non-empty mask gives 0, as does any prediction for an empty mask; two empty masks give 1. (By default,
    MONAI excludes empty masks.)
    """
    return MeanIoU(include_background=True, reduction="mean", ignore_empty=False)
