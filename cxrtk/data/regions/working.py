"""Working grid of the mask generators: normalised size and contrast."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

WORKING_SIZE = 256


def check_image(image: torch.Tensor) -> None:
    """Check that the input is a (1, H, W) float image in [0, 1].

    Raises:
        ValueError: Wrong shape, an integer type, an empty image, NaN, or values outside [0, 1].
    """
    if image.ndim != 3 or image.shape[0] != 1 or image.numel() == 0 or not image.is_floating_point():
        raise ValueError(
            f"A mask generator takes a (1, H, W) float image, not {tuple(image.shape)} {image.dtype}; "
            "give it one grey channel."
        )
    low, high = float(image.min()), float(image.max())
    if not (low >= 0.0 and high <= 1.0):  # written so that NaN fails too
        raise ValueError(
            f"A mask generator takes pixels in [0, 1], not from {low:g} to {high:g}; "
            "scale the image, and replace NaN, before generating its mask."
        )


def to_working(image: torch.Tensor, *, size: int = WORKING_SIZE) -> torch.Tensor:
    """Resample (1, H, W) to (1, size, size), bilinear with antialiasing, so that reduction averages areas.

    The aspect ratio is not kept: the shape constraints are relative to height and width.
    """
    return functional.interpolate(
        image[None].float(), (size, size), mode="bilinear", align_corners=False, antialias=True
    )[0]


def to_source(mask: torch.Tensor, *, height: int, width: int) -> torch.Tensor:
    """Resample a (1, size, size) mask to (1, height, width) float32 zeros and ones; half coverage counts."""
    resized = functional.interpolate(
        mask[None].float(), (height, width), mode="bilinear", align_corners=False, antialias=True
    )[0]
    return (resized >= 0.5).float()


def percentile_range(image: torch.Tensor, *, lower: float = 1.0, upper: float = 99.0) -> tuple[float, float]:
    """Return two percentiles (0 to 100) of a (1, H, W) image."""
    low, high = np.percentile(image.numpy(), (lower, upper))
    return float(low), float(high)


def stretch(image: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Rescale a (1, H, W) image from [`low`, `high`] to [0, 1], clipped.

    Raises:
        ValueError: `high` is not above `low`: the image has no contrast.
    """
    if not high > low:
        raise ValueError(f"No contrast to stretch between {low:g} and {high:g}.")
    return ((image - low) / (high - low)).clamp(0.0, 1.0)
