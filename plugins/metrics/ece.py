"""Expected calibration error of the pixels, with MONAI's bins."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from cxrtk import metrics, scores


@metrics.register("ece")
class ECE(scores.ImageMetric):
    """Mean of |mean probability - share of lung| over equal bins of probability, weighted by their pixels.

    The error is in [0, 1] per image and channel, lower is better; the mean over both is reported. It is that
    of Guo et al. 2017, for the probability of the class rather than of the more likely class. The bins are
    those of MONAI's `CalibrationErrorMetric`: a value on a bin edge belongs to the lower bin. Sums are
    accumulated in 64 bits, since 32 bits, as in MONAI, lose precision on large images (see docs/metrics.md).

    Inputs are **probabilities** in [0, 1], (B, C, H, W), and a ground truth of zeros and ones. The metric is
    defined for all masks, including empty ones.

    Args:
        num_bins: Number of bins.

    Raises:
        ValueError: The number of bins is not positive, or a value is outside [0, 1].
    """

    higher_is_better: ClassVar[bool] = False
    takes: ClassVar[str] = "probabilities"

    def __init__(self, num_bins: int = 20) -> None:
        super().__init__()
        if num_bins < 1:
            raise ValueError(f"num_bins must be at least 1, not {num_bins}.")
        self.num_bins = num_bins

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the expected calibration error of the pixels of one image."""
        values = prediction.cpu().numpy().ravel()
        if values.min() < 0 or values.max() > 1:
            raise ValueError(f"ece takes probabilities, not values from {values.min()} to {values.max()}.")
        inside = truth.cpu().numpy().ravel()
        eps = torch.finfo(torch.float32).eps
        borders = torch.linspace(0.0, 1.0 + eps, self.num_bins + 1)[1:].numpy()
        bins = np.searchsorted(borders, values, side="left")
        gaps = np.bincount(bins, weights=values.astype(np.float64) - inside, minlength=self.num_bins)
        return float(np.abs(gaps).sum() / values.size)
