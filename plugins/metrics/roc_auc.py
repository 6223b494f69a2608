"""Area under the ROC curve of the pixels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from scipy.stats import rankdata

from cxrtk import metrics, scores


@metrics.register("roc_auc")
class RocAuc(scores.ImageMetric):
    """Chance that a pixel of the lungs has a higher probability than one outside, with ties counting half.

    It is in [0, 1] per image and channel; the mean over both is reported. The result equals MONAI's
    `compute_roc_auc` and scikit-learn's `roc_auc_score`, but is computed from ranks (Mann and Whitney 1947),
    since MONAI loops over the pixels in Python, and its 32-bit sums lose precision on a large radiograph (see
    docs/metrics.md).

    Inputs are **probabilities** in [0, 1], (B, C, H, W), and a ground truth of zeros and ones. If the ground
    truth is empty or fills the image, the metric is undefined: the result is then 1 if the prediction,
    thresholded at 0.5, is right everywhere, otherwise 0. (MONAI gives NaN.)
    """

    takes: ClassVar[str] = "probabilities"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the area under the ROC curve of one image; ``None`` if the ground truth is empty or full."""
        inside = truth.cpu().numpy().ravel() > 0
        count = int(inside.sum())
        others = inside.size - count
        if count == 0 or others == 0:
            return None
        ranks = rankdata(prediction.cpu().numpy().ravel())  # 1-based; ties get their mean rank
        return float((np.sum(ranks[inside]) - count * (count + 1) / 2) / (count * others))
