"""95th percentile of the Hausdorff distance, by MONAI."""

from __future__ import annotations

from typing import ClassVar

import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance

from cxrtk import metrics, scores

PERCENTILE = 95


@metrics.register("hd95")
class HD95(scores.ImageMetric):
    """Robust Hausdorff distance per image and channel; the mean over both is reported, lower is better.

    The metric is the 95th percentile (linearly interpolated) of the distances from each outline pixel of one
    mask to the nearest outline pixel of the other, computed in both directions; the larger value counts. A
    pixel belongs to the outline if one of its four neighbours is outside the mask or the image. Distances are
    in mm if ``spacing=(row, column)`` is passed to the call, otherwise in pixels.

    Inputs are (B, C, H, W) tensors of zeros and ones. If one mask is empty, the distance is undefined, and
    the image diagonal is used; two empty masks give 0. (MONAI excludes both cases from the mean; see
    Project-MONAI/MONAI#9095.)
    """

    higher_is_better: ClassVar[bool] = False
    unit: ClassVar[str] = "length"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the 95th percentile in the unit of `spacing`; ``None`` if a mask is empty."""
        if not prediction.any() or not truth.any():
            return None
        return float(
            compute_hausdorff_distance(
                prediction[None, None],
                truth[None, None],
                include_background=True,
                percentile=PERCENTILE,
                spacing=spacing,
            )
        )
