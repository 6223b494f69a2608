"""Twice the overlap, divided by both areas."""

from typing import Any

import torch
from monai.metrics.metric import CumulativeIterationMetric

from cxrtk import metrics


@metrics.register("plugin_name")
class PluginNameMetric(CumulativeIterationMetric):
    """The mean over images and channels, in [0, 1]; both empty counts 1."""

    def _compute_tensor(self, y_pred: torch.Tensor, y: Any = None, **_: Any) -> torch.Tensor:
        overlap = (y_pred * y).sum(dim=(2, 3))  # (B, C)
        areas = y_pred.sum(dim=(2, 3)) + y.sum(dim=(2, 3))
        return torch.where(areas > 0, 2 * overlap / areas.clamp(min=1), 1.0)

    def aggregate(self) -> torch.Tensor:
        """One number, from all images since `reset`."""
        return torch.as_tensor(super().get_buffer()).mean()
