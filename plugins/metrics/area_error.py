"""Absolute difference of the areas of two masks, by MONAI."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from monai.metrics.absolute_volume_difference import compute_absolute_volume_difference

from cxrtk import metrics, scores


@metrics.register("area_error")
class AreaError(scores.ImageMetric):
    """|area of the prediction - area of the truth| per image and channel; the mean over both is reported.

    Lower is better. The metric is MONAI's absolute volume difference multiplied by the pixel area: in mm2 if
    ``spacing=(row, column)`` is passed to the call, otherwise in pixels. The position of the areas has no
    effect.

    Inputs are (B, C, H, W) tensors of zeros and ones. The metric is defined for all masks, including empty
    ones.
    """

    higher_is_better: ClassVar[bool] = False
    unit: ClassVar[str] = "area"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the absolute difference of the areas, in the squared unit of `spacing`."""
        pixels = compute_absolute_volume_difference(
            prediction[None, None], truth[None, None], ignore_empty=False
        )
        return float(pixels) * math.prod(spacing)
