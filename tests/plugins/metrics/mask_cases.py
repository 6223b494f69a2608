"""Pairs of masks that metrics get wrong, and the outlines' distances by SciPy alone."""

import numpy as np
import torch
from scipy import ndimage

SHAPE = (40, 56)


def disc(row, column, radius):
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def pixel(row, column):
    mask = np.zeros(SHAPE, bool)
    mask[row, column] = True
    return mask


EMPTY, FULL = np.zeros(SHAPE, bool), np.ones(SHAPE, bool)
PAIR = disc(20, 14, 9) | disc(18, 40, 11)

# name -> (prediction, truth); all are defined for outlines, as neither is empty
DEFINED = {
    "equal": (PAIR, PAIR),
    "shifted": (disc(20, 28, 12), disc(22, 31, 12)),
    "inside": (disc(20, 28, 5), disc(20, 28, 15)),
    "apart": (disc(8, 8, 6), disc(30, 45, 8)),
    "full": (FULL, disc(20, 28, 12)),
    "one pixel": (pixel(3, 50), disc(20, 28, 12)),
    "two single pixels": (pixel(3, 50), pixel(39, 0)),
    "touching the border": (disc(0, 0, 15), disc(2, 55, 15)),
    "two components": (PAIR, disc(19, 15, 9) | disc(20, 40, 10)),
    "one of two": (disc(20, 14, 9), PAIR),
    "a speck far away": (PAIR | pixel(39, 55), PAIR),
    "ragged": (np.random.default_rng(0).random(SHAPE) < 0.3, np.random.default_rng(1).random(SHAPE) < 0.3),
}
SPACINGS = [(1.0, 1.0), (0.3, 0.3), (0.168, 1.25)]
DIAGONAL = np.hypot(*SHAPE)


def both_ways(prediction, truth, spacing):
    """Distances of each outline's pixels to the other outline, by the distance transform: (there, back)."""
    cross = ndimage.generate_binary_structure(2, 1)
    outlines = [mask & ~ndimage.binary_erosion(mask, cross) for mask in (prediction, truth)]
    to = [ndimage.distance_transform_edt(~outline, sampling=spacing) for outline in outlines]
    return to[1][outlines[0]], to[0][outlines[1]]


def batch(mask):
    """(H, W) bool -> (1, 1, H, W) float."""
    return torch.from_numpy(mask.astype(np.float32))[None, None]


def probabilities(seed, shape=SHAPE):
    """(H, W) float32 in [0, 1] that know something of a truth, and that truth; with many ties."""
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < 0.35
    values = np.clip(rng.normal(np.where(truth, 0.7, 0.3), 0.3), 0, 1)
    return np.round(values, 2).astype(np.float32), truth
