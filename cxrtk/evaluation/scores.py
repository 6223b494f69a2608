"""Base classes of cxrtk's metrics: one finite number per image, even where the definition gives none.

Public as `cxrtk.scores`, for metric plugins. The definitions are MONAI's; where MONAI returns NaN and then
excludes the image from the mean, as for a distance to an empty mask, all metrics follow one rule: the best
value if the prediction equals the ground truth, else the worst value.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from monai.metrics.confusion_matrix import compute_confusion_matrix_metric, get_confusion_matrix
from monai.metrics.metric import CumulativeIterationMetric
from monai.metrics.utils import prepare_spacing

Spacing = tuple[float, float]
HALF = 0.5  # threshold of probabilities for the comparison with the ground truth


class ImageMetric(CumulativeIterationMetric):
    """MONAI metric with a finite number for every image and channel, so that the mean excludes none.

    A subclass defines `score`. It is called as MONAI's metrics are, ``metric(y_pred, y)``, on (B, C, H, W)
    tensors or lists of (C, H, W); distances and areas also take ``spacing=(row, column)`` in mm, or one pair
    per image; without it they are in pixels, as in MONAI's Ignite handlers, which pass no spacing.

    Attributes:
        higher_is_better: Whether higher values are better; then the best value is 1 and the worst 0, else the
            best is 0.
        unit: ``""`` for a ratio, ``length``, ``area``, or ``tolerance`` for a ratio that depends on a length.
        takes: ``masks`` of zeros and ones, or ``probabilities`` in [0, 1] as prediction.
    """

    higher_is_better: ClassVar[bool] = True
    unit: ClassVar[str] = ""
    takes: ClassVar[str] = "masks"

    def score(self, prediction: torch.Tensor, truth: torch.Tensor, spacing: Spacing) -> float | None:
        """Compute the metric of one image and channel.

        Args:
            prediction: (H, W) float, on the CPU or a GPU.
            truth: (H, W) float ground truth of zeros and ones, on the same device.
            spacing: (row, column) distances of pixel centres in mm, or 1 each.

        Returns:
            The value; ``None`` where the definition gives no number.
        """
        raise NotImplementedError

    def best(self) -> float:
        """Return the value of a prediction that equals the ground truth."""
        return 1.0 if self.higher_is_better else 0.0

    def worst(self, shape: tuple[int, int], spacing: Spacing) -> float:
        """Return the value of an image without a defined number, if prediction and ground truth differ.

        0 where higher is better; for distances the diagonal of the image, for areas the area of the image,
        for any other error 1.
        """
        if self.higher_is_better:
            return 0.0
        height, width = shape[0] * spacing[0], shape[1] * spacing[1]
        return {"length": math.hypot(height, width), "area": height * width}.get(self.unit, 1.0)

    def aggregate(self) -> torch.Tensor:
        """Return the mean over images and channels, a scalar tensor.

        Raises:
            ValueError: No image was scored.
        """
        data = self.get_buffer()  # type: ignore[no-untyped-call]
        if not isinstance(data, torch.Tensor):
            raise ValueError(f"{type(self).__name__} has received no images.")
        return data.mean()

    # MONAI's base method accepts any keyword, and ignores misspelt ones.
    def _compute_tensor(  # type: ignore[override]
        self,
        y_pred: torch.Tensor,
        y: torch.Tensor | None = None,
        spacing: Spacing | Sequence[Spacing] | None = None,
    ) -> torch.Tensor:
        """Score (B, C, H, W) predictions and ground truth: (B, C) float64."""
        if y is None or y.shape != y_pred.shape or y.ndim != 4:
            shapes = tuple(y_pred.shape), None if y is None else tuple(y.shape)
            raise ValueError(f"{type(self).__name__} takes two (B, C, H, W) tensors, not {shapes}.")
        if not torch.isfinite(y_pred).all():
            raise ValueError(f"{type(self).__name__} was given a prediction that is not finite.")
        spacings = prepare_spacing(spacing=spacing, batch_size=len(y), img_dim=2)
        with warnings.catch_warnings():
            # MONAI 1.6 calls its own function with an argument that it has deprecated.
            warnings.filterwarnings("ignore", ".*always_return_as_numpy", FutureWarning)
            rows = [
                [self._one(*pair, _pair(one)) for pair in zip(predictions, truths, strict=True)]
                for predictions, truths, one in zip(_plain(y_pred), _plain(y), spacings, strict=True)
            ]
        return torch.tensor(rows, dtype=torch.float64, device=y_pred.device)

    def _one(self, prediction: torch.Tensor, truth: torch.Tensor, spacing: Spacing) -> float:
        value = self.score(prediction, truth, spacing)
        if value is not None:
            return value
        mask = prediction if self.takes == "masks" else (prediction >= HALF).to(truth.dtype)
        if torch.equal(mask, truth):
            return self.best()
        height, width = truth.shape
        return self.worst((height, width), spacing)


class ConfusionMetric(ImageMetric):
    """A ratio of the confusion matrix counts, by MONAI's `compute_confusion_matrix_metric`.

    Attributes:
        ratio: MONAI's name of the ratio.
    """

    ratio: ClassVar[str]

    def score(self, prediction: torch.Tensor, truth: torch.Tensor, spacing: Spacing) -> float | None:
        """Return MONAI's ratio; ``None`` where its denominator is 0."""
        counts = get_confusion_matrix(y_pred=prediction[None, None], y=truth[None, None])  # (1, 1, 4)
        value = float(compute_confusion_matrix_metric(self.ratio, counts.double()))
        return None if math.isnan(value) else value


def _plain(masks: torch.Tensor) -> torch.Tensor:
    """Convert to a float tensor without MONAI's metadata."""
    return torch.as_tensor(masks).as_subclass(torch.Tensor).float()


def _pair(spacing: Any) -> Spacing:
    if spacing is None:
        return 1.0, 1.0
    row, column = spacing
    return float(row), float(column)
