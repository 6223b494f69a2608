"""Average precision of the pixels: the area under the precision-recall curve, by steps."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from cxrtk import metrics, scores


@metrics.register("average_precision")
class AveragePrecision(scores.ImageMetric):
    """Sum over thresholds of (recall gained) x (precision there), per image and channel, in [0, 1].

    The mean over images and channels is reported. The number of MONAI's `compute_average_precision` and
    scikit-learn's `average_precision_score`, in NumPy: MONAI's own walks through the pixels in Python.

    Takes **probabilities** in [0, 1], (B, C, H, W), and truths of zeros and ones. Where the truth is empty
    it is undefined, and MONAI calls it undefined where the truth fills the image too: predictions that are
    right everywhere when cut at 0.5 then count 1, others 0. (MONAI gives not-a-number.)
    """

    takes: ClassVar[str] = "probabilities"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """``None`` where the truth is empty or full."""
        inside = truth.cpu().numpy().ravel() > 0
        if not inside.any() or inside.all():
            return None
        values = prediction.cpu().numpy().ravel()
        order = np.argsort(-values, kind="stable")
        values = values[order]
        last = np.flatnonzero(np.append(values[1:] != values[:-1], True))  # of each run of equal values
        found = np.cumsum(inside[order])[last]
        gained = np.diff(found, prepend=0)
        return float(np.sum(gained * (found / (last + 1))) / found[-1])
