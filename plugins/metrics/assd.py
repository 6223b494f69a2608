"""Average symmetric surface distance of two outlines, by MONAI."""

from __future__ import annotations

from typing import ClassVar

import torch
from monai.metrics.surface_distance import compute_average_surface_distance

from cxrtk import metrics, scores


@metrics.register("assd")
class ASSD(scores.ImageMetric):
    """Mean distance between two outlines per image and channel; the mean over both is reported.

    Lower is better. The mean of all distances from each outline pixel of either mask to the nearest of the
    other: of both directions together, so that a longer outline weighs more. A pixel is of the outline where
    one of its four neighbours is outside the mask or the image. In mm where ``spacing=(row, column)`` is
    given to the call, else in pixels.

    Takes (B, C, H, W) tensors of zeros and ones. Where one mask is empty the distance is undefined and counts
    the image's diagonal; both empty counts 0. (MONAI gives infinity, or leaves the image out of the mean.)
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
            compute_average_surface_distance(
                prediction[None, None],
                truth[None, None],
                include_background=True,
                symmetric=True,
                spacing=spacing,
            )
        )
