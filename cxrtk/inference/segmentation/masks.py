"""Resampling of probabilities from the network's size to the size of the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from cxrtk.models.postprocess import binary, clean

Mask = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]


def masks_of(
    probabilities: Probabilities,
    classes: Sequence[str],
    size: tuple[int, int],
    threshold: float,
    *,
    postprocess: bool = True,
) -> tuple[Mask, Probabilities]:
    """Masks at the size of an image, and the probabilities that they were cut from.

    Args:
        probabilities: (C, S, S) on the network's grid.
        classes: Names of the C classes.
        size: (H, W) of the image.
        threshold: A pixel belongs to a class from this probability on.
        postprocess: Keep one region a lung and heart, without holes.

    Returns:
        (C, H, W) of zeros and ones, and (C, H, W) in [0, 1].
    """
    full = at_size(probabilities, size)
    masks = binary(full, classes, threshold)
    return (clean(masks, classes) if postprocess else masks), full


def at_size(probabilities: Probabilities, size: tuple[int, int]) -> Probabilities:
    """Resample (C, S, S) to (C, H, W), bilinearly; thresholds are applied later, for smooth outlines."""
    grid = torch.from_numpy(np.ascontiguousarray(probabilities))[None]
    resized: Probabilities = torch.nn.functional.interpolate(
        grid, size, mode="bilinear", align_corners=False
    )[0].numpy()
    return resized
