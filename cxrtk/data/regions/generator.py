"""Threshold segmentation of the lungs, shared by `mean_threshold` and `median_threshold`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from monai.data.meta_tensor import MetaTensor
from scipy import ndimage

from cxrtk.data.regions.body import outside_air
from cxrtk.data.regions.lungs import LungShape, grow_lungs
from cxrtk.data.regions.thresholds import local_mean, local_median, local_spread
from cxrtk.data.regions.working import check_image, percentile_range, stretch, to_source, to_working

STATISTICS: dict[str, Callable[..., torch.Tensor]] = {"mean": local_mean, "median": local_median}


@dataclass(frozen=True)
class ThresholdSettings:
    """Parameters of a threshold generator; lengths in pixels of the working grid, 256 x 256.

    Attributes:
        window: Standard deviation of the Gaussian window for the local mean or median that is the threshold;
            ``None`` uses the whole body: one global threshold.
        gain: Slope of a pixel's vote over its distance from the threshold, in spreads.
        smoothing: Standard deviation of the Gaussian that smooths the image before voting.
        air: Fraction of the image's mean below which a pixel at the border is outside the body.
        shape: Shape constraints of a lung.

    Raises:
        ValueError: A parameter is not positive, or `smoothing` is negative.
    """

    window: float | None = 80.0
    gain: float = 1.0
    smoothing: float = 1.5
    air: float = 0.45
    shape: LungShape = field(default_factory=LungShape)

    def __post_init__(self) -> None:
        if self.window is not None and not self.window > 0:
            raise ValueError(f"window must be positive, or None for a global threshold, not {self.window}.")
        if not (self.gain > 0 and self.air > 0 and self.smoothing >= 0):
            raise ValueError(
                "gain and air must be positive and smoothing not negative, not "
                f"{self.gain}, {self.air} and {self.smoothing}."
            )


def lung_votes(
    image: torch.Tensor, statistic: str, settings: ThresholdSettings
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Compare each pixel with its local threshold.

    Args:
        image: (1, 256, 256) in [0, 1], contrast stretched.
        statistic: ``mean`` or ``median``.
        settings: Parameters of the generator.

    Returns:
        The votes, (1, H, W) in [-1, 1]: positive below the threshold, -1 outside the body. The brightness,
        (1, H, W): distance of each pixel above the threshold, in local spreads. The mean threshold in the
        body (of the whole image where there is no body).
    """
    air = outside_air(image, relative=settings.air)
    body = 1 - air
    window = math.inf if settings.window is None else settings.window
    threshold = STATISTICS[statistic](image, body, window=window)
    spread = local_spread(image, threshold, body, window=window)
    blur = (0, settings.smoothing, settings.smoothing)
    smooth = torch.from_numpy(ndimage.gaussian_filter(image.numpy(), blur))
    brightness = (smooth - threshold) / spread
    votes = torch.where(air > 0, -1.0, -torch.tanh(settings.gain * brightness))
    inside = threshold[body > 0] if bool(body.any()) else threshold
    return votes, brightness, float(inside.mean())


def threshold_lungs(
    image: torch.Tensor, statistic: str, settings: ThresholdSettings | None = None
) -> MetaTensor:
    """Segment both lungs by a mean or median threshold and simple shape constraints.

    Args:
        image: (1, H, W) float in [0, 1] of any size; brighter is denser.
        statistic: ``mean`` or ``median``.
        settings: Parameters; the defaults where ``None``.

    Returns:
        (1, H, W) float32 of zeros and ones; empty where no lung is found. Its
        ``meta["statistics"]`` holds floats: ``mean`` and ``median`` (the average of the middle two for an
        even number) of all input pixels; ``threshold``, the mean of the thresholds applied within the body,
        on the scale of the input pixels; ``lung_fraction``, the fraction of the pixels inside the mask.

    Raises:
        ValueError: Unknown statistic; an image of another shape or type, with NaN, or outside [0, 1].
    """
    if statistic not in STATISTICS:
        raise ValueError(f"The statistic must be one of {', '.join(STATISTICS)}, not {statistic!r}.")
    check_image(image)
    meta = dict(image.meta) if isinstance(image, MetaTensor) else {}
    pixels = image.detach().as_subclass(torch.Tensor).cpu()
    settings = settings or ThresholdSettings()
    numbers = {
        "mean": float(pixels.mean(dtype=torch.float64)),
        "median": float(np.median(pixels.numpy().astype(np.float64))),
    }
    work = to_working(pixels)
    low, high = percentile_range(work)
    if high > low:
        votes, brightness, threshold = lung_votes(stretch(work, low, high), statistic, settings)
        left, right = grow_lungs(votes, brightness, settings.shape)
        mask = to_source(torch.maximum(left, right), height=pixels.shape[1], width=pixels.shape[2])
        numbers["threshold"] = low + threshold * (high - low)
    else:  # constant image: no pixel lies below any statistic of it
        mask = torch.zeros(pixels.shape)
        numbers["threshold"] = numbers[statistic]
    numbers["lung_fraction"] = float(mask.mean(dtype=torch.float64))
    return MetaTensor(mask, meta={**meta, "statistics": numbers})
