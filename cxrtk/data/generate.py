"""A mask, a preview and a table row for each image of a reader: the work of `cxrtk masks`."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from cxrtk.api import MaskGenerator
from cxrtk.data.overlay import overlay
from cxrtk.errors import PluginBroken

PREVIEW_SIDE = 1024  # pixels, longest side

logger = logging.getLogger(__name__)


def make_mask(
    generator: MaskGenerator, pixels: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.uint8], float | None]:
    """(H, W) pixels in [0, 1] -> (H, W) uint8 of zeros and ones, and the threshold that made it.

    The threshold is what ``meta["statistics"]`` of a `monai.data.MetaTensor` says, or ``None``.

    Raises:
        PluginBroken: The generator gives something else.
    """
    result = generator(torch.from_numpy(pixels.copy())[None])
    threshold = getattr(result, "meta", {}).get("statistics", {}).get("threshold")
    mask = result.as_subclass(torch.Tensor)[0].numpy()
    if mask.shape != pixels.shape or not np.isin(mask, (0, 1)).all():
        raise PluginBroken(
            f"{type(generator).__name__} gave a mask of {mask.shape}, from {mask.min()} to {mask.max()}, for "
            f"an image of {pixels.shape}; it must be as large, of zeros and ones."
        )
    return mask.astype(np.uint8), None if threshold is None else round(float(threshold), 6)


def preview(pixels: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> Image.Image:
    """The mask over the image, its contrast stretched between percentiles 1 and 99, at most 1024 a side."""
    low, high = np.percentile(pixels, (1, 99))
    stretched = (pixels - low) / max(high - low, 1e-6)
    picture = Image.fromarray(overlay(stretched, mask))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return picture
