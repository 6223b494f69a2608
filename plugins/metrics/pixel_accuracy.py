"""Fraction of correctly classified pixels, from MONAI's confusion matrix."""

from __future__ import annotations

from typing import Any

import torch
from monai.metrics.confusion_matrix import compute_confusion_matrix_metric, get_confusion_matrix
from monai.metrics.metric import CumulativeIterationMetric
from monai.metrics.utils import do_metric_reduction

from cxrtk import metrics


@metrics.register("pixel_accuracy")
class PixelAccuracy(CumulativeIterationMetric):
    """(TP + TN) / pixels per image and channel, in [0, 1]; the mean over both is reported.

    Inputs are (B, C, H, W) tensors of zeros and ones. The metric is defined for all masks: an empty
    prediction for a non-empty mask gives the fraction of background, so a high value alone is no evidence of
    a good mask; two empty masks give 1. (MONAI's `ConfusionMatrixMetric` buffers four counts per image, so
    its tables differ.)
    """

    def _compute_tensor(self, y_pred: torch.Tensor, y: torch.Tensor | None = None, **_: Any) -> torch.Tensor:
        if y is None:
            raise ValueError("pixel_accuracy needs the truth, y.")
        counts = get_confusion_matrix(y_pred=y_pred, y=y, include_background=True)  # (B, C, 4)
        return compute_confusion_matrix_metric("accuracy", counts)  # (B, C)

    def aggregate(self) -> torch.Tensor:
        """Return the mean over images and channels, a scalar tensor."""
        data = self.get_buffer()
        if not isinstance(data, torch.Tensor):
            raise ValueError("pixel_accuracy has received no images.")
        return do_metric_reduction(data, "mean")[0]
