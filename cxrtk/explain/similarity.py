"""Similarity of two maps: rank correlation and structural similarity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from monai.metrics.regression import SSIMMetric
from scipy.stats import rankdata

Map = npt.NDArray[np.float32]
WINDOW = 11  # side in pixels of SSIM's Gaussian window, sigma 1.5: Wang et al. 2004


def is_constant(one: Map) -> bool:
    """Return whether all pixels are equal."""
    return bool(one.max() == one.min())


def spearman(one: Map, other: Map) -> float:
    """Return Spearman's rank correlation of two (h, w) maps, in [-1, 1]; 0 if one of them is constant."""
    if is_constant(one) or is_constant(other):
        return 0.0
    ranks = rankdata(one.ravel()), rankdata(other.ravel())
    return float(np.corrcoef(*ranks)[0, 1])


def ssim(one: Map, other: Map) -> float:
    """Return MONAI's structural similarity of two (h, w) maps, each first rescaled to [0, 1]; at most 1.

    The window has a side of 11 pixels, or the largest odd number that fits the map. A constant map gives 0.

    Source: Wang et al., Image quality assessment: from error visibility to structural similarity, 2004.
    """
    side = min(WINDOW, *one.shape)
    measure = SSIMMetric(2, data_range=1.0, win_size=side - (side + 1) % 2)
    found = measure(_stretched(one), _stretched(other))
    assert isinstance(found, torch.Tensor)
    return float(found)


def _stretched(one: Map) -> torch.Tensor:
    """Rescale to (1, 1, h, w) in [0, 1]."""
    low, high = float(one.min()), float(one.max())
    return torch.from_numpy((one - low) / max(high - low, 1e-12)).float()[None, None]
