"""Shapes that the tests of regions share."""

import numpy as np
import torch


def plane(values):
    """(H, W) values -> (1, H, W) float32."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)[None]


def ellipse(row, column, half_height, half_width, size=256):
    y, x = np.mgrid[:size, :size]
    return ((y - row) / half_height) ** 2 + ((x - column) / half_width) ** 2 < 1


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


TWO_LUNGS = ellipse(125, 75, 80, 35) | ellipse(125, 185, 80, 35)
