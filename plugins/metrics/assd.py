"""Average symmetric surface distance, by MONAI."""

from __future__ import annotations

from typing import ClassVar

import torch
from monai.metrics.surface_distance import compute_average_surface_distance

from cxrtk import metrics, scores


@metrics.register("assd")
class ASSD(scores.ImageMetric):
    """Mean distance between two outlines per image and channel; the mean over both is reported.

    Lower is better. The metric is the mean of the distances from each outline pixel of either mask to the
    nearest outline pixel of the other, pooled over both directions, so that a longer outline has more weight.
    A pixel belongs to the outline if one of its four neighbours is outside the mask or the image. Distances
    are in mm if ``spacing=(row, column)`` is passed to the call, otherwise in pixels.

    Inputs are (B, C, H, W) tensors of zeros and ones. If one mask is empty, the distance is undefined, and
    the image diagonal is used; two empty masks give 0. (MONAI gives infinity, or excludes the image from the
    mean.)
    """

    higher_is_better: ClassVar[bool] = False
    unit: ClassVar[str] = "length"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the average distance in the unit of `spacing`; ``None`` if a mask is empty."""
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
