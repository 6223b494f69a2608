"""F-beta (van Rijsbergen, 1979): Dice, but a missed pixel weighs beta squared times a false one."""

from typing import Any

import torch
from monai.metrics.metric import CumulativeIterationMetric

from cxrtk import metrics


@metrics.register("f_beta")
class FBeta(CumulativeIterationMetric):
    """The mean over images and channels, in [0, 1]; an empty prediction counts 0, both empty 1."""

    def __init__(self, beta: float = 2.0) -> None:
        super().__init__()
        self.weight = beta**2

    def _compute_tensor(self, y_pred: torch.Tensor, y: Any = None, **_: Any) -> torch.Tensor:
        found, marked, true = ((m != 0).sum(dim=(2, 3)) for m in (y_pred * y, y_pred, y))  # (B, C)
        return torch.where(marked + true > 0, (1 + self.weight) * found / (self.weight * true + marked), 1.0)

    def aggregate(self) -> torch.Tensor:
        """One number, from all images since `reset`."""
        return torch.as_tensor(super().get_buffer()).mean()
