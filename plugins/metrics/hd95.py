"""95th percentile of the distances between two outlines, by MONAI."""

from __future__ import annotations

from typing import ClassVar

import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance

from cxrtk import metrics, scores

PERCENTILE = 95


@metrics.register("hd95")
class HD95(scores.ImageMetric):
    """Robust Hausdorff distance per image and channel; the mean over both is reported, lower is better.

    Of the distances from each outline pixel of one mask to the nearest of the other, the 95th percentile
    (linearly interpolated), in both directions; the larger of the two. A pixel is of the outline where one of
    its four neighbours is outside the mask or the image. In mm where ``spacing=(row, column)`` is given to
    the call, else in pixels.

    Takes (B, C, H, W) tensors of zeros and ones. Where one mask is empty the distance is undefined and counts
    the image's diagonal; both empty counts 0. (MONAI leaves both out of the mean; see its
    issue 9095.)
    """

    higher_is_better: ClassVar[bool] = False
    unit: ClassVar[str] = "length"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """In the units of `spacing`; ``None`` where a mask is empty."""
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
