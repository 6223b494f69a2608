"""Resampling of probabilities from the network's size to the size of the image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

Probabilities = npt.NDArray[np.float32]


def at_size(probabilities: Probabilities, size: tuple[int, int]) -> Probabilities:
    """Resample (C, S, S) to (C, H, W), bilinearly; thresholds are applied later, for smooth outlines."""
    grid = torch.from_numpy(np.ascontiguousarray(probabilities))[None]
    resized: Probabilities = torch.nn.functional.interpolate(
        grid, size, mode="bilinear", align_corners=False
    )[0].numpy()
    return resized
