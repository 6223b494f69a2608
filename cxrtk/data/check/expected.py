"""Expected positions of lungs and heart in a picture, for comparison with its masks.

A small network of three stages, each with two hidden layers per point, reads the features of
`cxrtk.data.check.expected_features`; the second and third stages also read the result of the previous one
(auto-context: Tu and Bai, IEEE TPAMI 2010;32:1744). Its 6,351 parameters are in ``expected.npz``, which
``benchmarks/check_masks_fit.py`` creates from the sources with an open licence. It locates the lungs, but not
their exact borders: it is no substitute for a segmentation network.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxrtk.data.check.expected_features import SIDE, Grids, context, features
from cxrtk.data.pixels.frontal import reduced, stretched
from cxrtk.data.pixels.polarity import density_contrast

COEFFICIENTS: Final = Path(__file__).with_name("expected.npz")
# The first three exclude the heart from the lungs; in the last two the lungs include the heart.
OUTPUTS: Final = ("right_lung", "left_lung", "heart", "right_lung_with_heart", "left_lung_with_heart")
STAGES: Final = 3
LAYERS: Final = 3
LEAST_CONTRAST: Final = 0.02  # all but 9 of 1,262 hand-labelled radiographs have more, noise has 0
LEAST_AREA: Final = 0.08  # expected lungs, as a fraction of the picture; radiographs have 0.13 and more
GREY_LEVELS, FLAT_LEVELS = 20, 4
MOST_FLAT: Final = 0.9  # fraction of pixels in the 4 most frequent of 20 levels; radiographs: at most 0.78
_STEEPEST = 30.0  # logits

Layers = list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]  # weight, bias


def expected_masks(pixels: npt.NDArray[np.floating[Any]]) -> Grids:
    """Estimate the masks of `OUTPUTS`, (5, SIDE, SIDE) in [0, 1].

    This takes about 20 ms, whatever the size of the image.

    Args:
        pixels: Frontal chest radiograph, (H, W) of at least 8 x 8, brighter is denser.
    """
    return apply_stages(shipped_stages(), reduced(pixels, SIDE, SIDE))


def is_comparable(pixels: npt.NDArray[np.floating[Any]]) -> bool:
    """Return whether a picture has a dense middle between two darker fields, as a frontal chest does.

    For other pictures, for those with sides below 64 pixels, and for drawings with a few flat grey levels,
    the expectation would be a guess based on position alone.
    """
    return density_contrast(pixels) > LEAST_CONTRAST and not _is_flat(pixels)


def _is_flat(pixels: npt.NDArray[np.floating[Any]]) -> bool:
    """Return whether nearly all pixels have one of a few grey levels, as in a drawing of a disc."""
    counts, _ = np.histogram(stretched(reduced(pixels, SIDE, SIDE)), GREY_LEVELS, (0, 1))
    return bool(np.sort(counts)[-FLAT_LEVELS:].sum() > MOST_FLAT * counts.sum())


def shows_lungs(expected: Grids) -> bool:
    """Return whether lungs of a minimum size are expected; drawings of other things often have none.

    Args:
        expected: Masks of `OUTPUTS`, (5, SIDE, SIDE); those of one convention may be NaN.
    """
    right, left = expected[3:] if np.isnan(expected[:2]).any() else expected[:2]
    return bool((np.maximum(right, left) > 0.5).mean() >= LEAST_AREA)


def apply_stages(stages: list[Layers], picture: npt.NDArray[np.floating[Any]]) -> Grids:
    """Apply the stages to a picture of SIDE x SIDE points: (5, SIDE, SIDE) in [0, 1]."""
    described = features(picture)
    masks = apply_layers(stages[0], described)
    for layers in stages[1:]:
        masks = apply_layers(layers, context(described, masks))
    return masks


def apply_layers(layers: Layers, described: Grids) -> Grids:
    """Apply one stage to (C, SIDE, SIDE) features: (5, SIDE, SIDE) in [0, 1]."""
    values = described.reshape(len(described), -1)
    for number, (weight, bias) in enumerate(layers, 1):
        values = weight @ values + bias[:, None]
        if number < len(layers):
            values = np.maximum(values, 0)
    logits = np.clip(values, -_STEEPEST, _STEEPEST)
    return (1 / (1 + np.exp(-logits))).reshape(-1, SIDE, SIDE).astype(np.float32)


def read_stages(path: Path) -> list[Layers]:
    """Read the coefficients of the stages from an ``.npz`` file."""
    with np.load(path, allow_pickle=False) as stored:
        return [
            [(stored[f"weight_{stage}_{layer}"], stored[f"bias_{stage}_{layer}"]) for layer in range(LAYERS)]
            for stage in range(STAGES)
        ]


@cache
def shipped_stages() -> list[Layers]:
    """Return the coefficients that come with the package, read once per process."""
    return read_stages(COEFFICIENTS)
