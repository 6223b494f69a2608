"""Preparation of an image for the network, and the combination of its two views into one mask."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from cxrtk.data.pixels.percentiles import percentiles
from cxrtk.models.shrink import shrink

Pixels = npt.NDArray[np.float32]

PERCENTILES = (1, 99)
ROWS = 32  # number of image rows that fit into a cache together
CENTRE, SPREAD = 0.5, 0.25  # mean and standard deviation for the normalisation


def prepare(pixels: Pixels, image_size: int) -> torch.Tensor:
    """Preprocess (H, W) pixels in [0, 1] to the network's input, (1, image_size, image_size).

    Equals MONAI's ``ScaleIntensityRangePercentiles(1, 99, 0, 1, clip=True)``, ``Resize`` with anti-aliasing
    and ``NormalizeIntensity(0.5, 0.25)`` up to rounding, but is faster on large images.
    """
    return (shrink(_stretched(pixels)[None], image_size) - CENTRE) / SPREAD


def _stretched(pixels: Pixels) -> torch.Tensor:
    """Stretch (H, W) pixels from their percentiles to [0, 1], clipped, some rows at a time."""
    low, high = percentiles(pixels, PERCENTILES)
    if not high > low:
        return torch.zeros(pixels.shape)  # like MONAI's, which subtracts the lower bound
    stretched = np.empty(pixels.shape, np.float32)
    for start in range(0, len(pixels), ROWS):
        rows = stretched[start : start + ROWS]
        np.subtract(pixels[start : start + ROWS], np.float32(low), out=rows)
        rows /= np.float32(high - low)
        np.clip(rows, 0.0, 1.0, out=rows)
    return torch.from_numpy(stretched)


MOVE = 3  # shift in pixels of the network's grid, down and to the right
UPRIGHT = 2  # number of unmirrored views; masks from these are best for a network trained on few images


def combined(views: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Average the original and the shifted view, which reduces grid artefacts: (V, ...) -> (...)."""
    mean: npt.NDArray[np.float32] = views[:UPRIGHT].mean(axis=0)
    return mean


def moved(images: torch.Tensor, pixels: int) -> torch.Tensor:
    """Shift (B, C, H, W) down and right, or up and left, repeating the edge."""
    height, width = images.shape[-2:]
    margin = abs(pixels)
    padded = nn.functional.pad(images, (margin,) * 4, mode="replicate")
    start = margin - pixels
    return padded[..., start : start + height, start : start + width]
