"""Probabilities on the network's grid -> masks at the size of the image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

Probabilities = npt.NDArray[np.float32]


def at_size(probabilities: Probabilities, size: tuple[int, int]) -> Probabilities:
    """(C, S, S) -> (C, H, W), bilinear; thresholds are applied afterwards, so that outlines stay smooth."""
    grid = torch.from_numpy(np.ascontiguousarray(probabilities))[None]
    resized: Probabilities = torch.nn.functional.interpolate(
        grid, size, mode="bilinear", align_corners=False
    )[0].numpy()
    return resized
