"""All metrics of one image, from its masks and probabilities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cxrtk.errors import PluginBroken
from cxrtk.evaluation.scores import ImageMetric, Spacing
from cxrtk.evaluation.table import MetricAbout

Mask = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]


class Meter:
    """Apply metrics to one image at a time.

    A metric other than a `cxrtk.scores.ImageMetric`, such as one of MONAI's own, is treated as a ratio of
    masks for which higher is better; it is not given the spacing.

    Args:
        metrics: Name -> metric. Metrics of probabilities are skipped where these are unavailable.
        probabilities: Whether probabilities will be available.
    """

    def __init__(self, metrics: Mapping[str, Any], *, probabilities: bool) -> None:
        every = {name: (metric, _about(metric)) for name, metric in metrics.items()}
        kept = {
            name: pair for name, pair in every.items() if probabilities or pair[1].takes != "probabilities"
        }
        self._metrics = {name: metric for name, (metric, _) in kept.items()}
        self.about = {name: about for name, (_, about) in kept.items()}

    def __call__(
        self,
        prediction: Mask,
        truth: Mask,
        probabilities: Probabilities | None,
        *,
        spacing: Spacing | None = None,
        ignore: Mask | None = None,
    ) -> dict[str, float]:
        """Compute the metrics of one image.

        Args:
            prediction: (H, W) of zeros and ones.
            truth: (H, W) ground truth of zeros and ones.
            probabilities: (H, W) in [0, 1].
            spacing: (row, column) in mm; ``None`` for distances and areas in pixels.
            ignore: (H, W), 1 where a pixel is excluded: there both masks are set to 0, like MONAI's
                ``ignore_index``, and probabilities are left out.

        Raises:
            PluginBroken: A metric returns no finite number.
        """
        counted = np.ones(truth.shape, bool) if ignore is None else ignore == 0
        masks = _batch(prediction * counted), _batch(truth * counted)
        values = {}
        for name, metric in self._metrics.items():
            pair = masks
            if self.about[name].takes == "probabilities":
                assert probabilities is not None
                pair = _batch(probabilities[counted][None]), _batch(truth[counted][None])
            arguments = {"spacing": spacing} if isinstance(metric, ImageMetric) else {}
            found = metric(*pair, **arguments)
            metric.reset()
            values[name] = float(torch.as_tensor(found).double().mean())
            if not math.isfinite(values[name]):
                raise PluginBroken(
                    f"The metric {name!r} gave {values[name]}; it must give every image a finite number."
                )
        return values


def _about(metric: Any) -> MetricAbout:
    if isinstance(metric, ImageMetric):
        return MetricAbout(metric.higher_is_better, metric.unit, metric.takes)
    return MetricAbout()


def _batch(array: npt.NDArray[Any]) -> torch.Tensor:
    """Convert (H, W) to (1, 1, H, W) float32."""
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))[None, None]
