"""Average precision of the pixels: the area under the precision-recall curve, as a step function."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from cxrtk import metrics, scores


@metrics.register("average_precision")
class AveragePrecision(scores.ImageMetric):
    """Sum over thresholds of (recall gained) x (precision there), per image and channel, in [0, 1].

    The mean over images and channels is reported. The result equals MONAI's `compute_average_precision` and
    scikit-learn's `average_precision_score`, but is computed in NumPy, since MONAI loops over the pixels in
    Python.

    Inputs are **probabilities** in [0, 1], (B, C, H, W), and a ground truth of zeros and ones. If the ground
    truth is empty, the metric is undefined, and MONAI treats a ground truth that fills the image in the same
    way: the result is then 1 if the prediction, thresholded at 0.5, is right everywhere, otherwise 0. (MONAI
    gives NaN.)
    """

    takes: ClassVar[str] = "probabilities"

    def score(
        self, prediction: torch.Tensor, truth: torch.Tensor, spacing: tuple[float, float]
    ) -> float | None:
        """Return the average precision of one image; ``None`` if the ground truth is empty or full."""
        inside = truth.cpu().numpy().ravel() > 0
        if not inside.any() or inside.all():
            return None
        values = prediction.cpu().numpy().ravel()
        order = np.argsort(-values, kind="stable")
        values = values[order]
        last = np.flatnonzero(np.append(values[1:] != values[:-1], True))  # last of each run of equal values
        found = np.cumsum(inside[order])[last]
        gained = np.diff(found, prepend=0)
        return float(np.sum(gained * (found / (last + 1))) / found[-1])
