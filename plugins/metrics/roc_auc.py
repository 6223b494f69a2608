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

    Per image and channel, in [0, 1]; the mean over both is reported. The number of MONAI's `compute_roc_auc`
    and scikit-learn's `roc_auc_score`, by ranks (Mann and Whitney 1947): MONAI's own walks through the pixels
    in Python, and its sums in 32 bits lose digits on a large radiograph (see docs/metrics.md).

    Takes **probabilities** in [0, 1], (B, C, H, W), and truths of zeros and ones. Where the truth is empty or
    fills the image it is undefined: predictions that are right everywhere when cut at 0.5 count 1, others 0.
    (MONAI gives not-a-number.)
    """

    takes: ClassVar[str] = "probabilities"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """``None`` where the truth is empty or full."""
        inside = truth.cpu().numpy().ravel() > 0
        count = int(inside.sum())
        others = inside.size - count
        if count == 0 or others == 0:
            return None
        ranks = rankdata(prediction.cpu().numpy().ravel())  # from 1, ties sharing their mean
        return float((np.sum(ranks[inside]) - count * (count + 1) / 2) / (count * others))
