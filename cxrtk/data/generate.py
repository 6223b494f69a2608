"""Mask generation for `cxrtk masks`: a mask and a preview for each image."""

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
    """Generate a mask, (H, W) uint8 of zeros and ones, from (H, W) pixels in [0, 1], with its threshold.

    The threshold is taken from ``meta["statistics"]`` of a `monai.data.MetaTensor`, or is ``None``.

    Raises:
        PluginBroken: The output of the generator is invalid.
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
    """Return an overlay of the mask, windowed from percentile 1 to 99, at most 1024 pixels a side."""
    low, high = np.percentile(pixels, (1, 99))
    stretched = (pixels - low) / max(high - low, 1e-6)
    picture = Image.fromarray(overlay(stretched, mask))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return picture
