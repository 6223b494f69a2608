"""Area under the ROC curve of the pixels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from scipy.stats import rankdata

from cxrtk import metrics, scores


@metrics.register("roc_auc")
class RocAuc(scores.ImageMetric):
    """The chance that a pixel of the lungs has a higher probability than one outside, ties counting half.

    Per image and channel, in [0, 1]; the mean over both is reported. Equal to MONAI's `compute_roc_auc` and
    scikit-learn's `roc_auc_score`, but computed from ranks (Mann and Whitney 1947), since MONAI loops over
    the pixels in Python, and its 32-bit sums lose precision on a large radiograph (see docs/metrics.md).

    Takes **probabilities** in [0, 1], (B, C, H, W), and ground truth of zeros and ones. If the ground truth
    is empty or fills the image, the metric is undefined: the result is then 1 if the prediction, thresholded
    at 0.5, is right everywhere, otherwise 0. (MONAI gives NaN.)
    """

    takes: ClassVar[str] = "probabilities"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Area under the ROC curve of one image; ``None`` if the ground truth is empty or full."""
        inside = truth.cpu().numpy().ravel() > 0
        count = int(inside.sum())
        others = inside.size - count
        if count == 0 or others == 0:
            return None
        ranks = rankdata(prediction.cpu().numpy().ravel())  # 1-based; ties get their mean rank
        return float((np.sum(ranks[inside]) - count * (count + 1) / 2) / (count * others))
