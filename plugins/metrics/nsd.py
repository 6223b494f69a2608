"""Normalised surface Dice, by MONAI: the fraction of two outlines that agree within a tolerance."""

from __future__ import annotations

from typing import ClassVar

import torch
from monai.metrics.surface_dice import compute_surface_dice

from cxrtk import metrics, scores


@metrics.register("nsd")
class NSD(scores.ImageMetric):
    """Surface Dice per image and channel, in [0, 1]; the mean over both is reported.

    The metric is the fraction of outline pixels of both masks that lie within the tolerance of the other
    mask's outline (Nikolov et al. 2018; outlines as pixels, as in Seidlitz et al. 2022). A pixel belongs to
    the outline if one of its four neighbours is outside the mask or the image.

    Inputs are (B, C, H, W) tensors of zeros and ones. One empty mask gives 0, two empty masks give 1. (MONAI
    excludes the latter from the mean.)

    Args:
        tolerance: Tolerance in mm if ``spacing=(row, column)`` is passed to the call, otherwise in pixels.

    Raises:
        ValueError: The tolerance is negative.
    """

    unit: ClassVar[str] = "tolerance"

    def __init__(self, tolerance: float = 2.0) -> None:
        super().__init__()
        if not 0.0 <= tolerance < float("inf"):
            raise ValueError(f"tolerance must be a distance, not {tolerance}.")
        self.tolerance = tolerance

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the surface Dice of one image; ``None`` if a mask is empty."""
        if not prediction.any() or not truth.any():
            return None
        return float(
            compute_surface_dice(
                prediction[None, None],
                truth[None, None],
                class_thresholds=[self.tolerance],
                include_background=True,
                spacing=spacing,
            )
        )
