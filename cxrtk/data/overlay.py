"""Overlay of a mask on its image, as an RGB array; no files, no plotting library."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Two colours of the colour-blind-safe palette of Okabe & Ito (2008).
MASK_COLOUR = (86, 180, 233)  # sky blue
TRUTH_COLOUR = (230, 159, 0)  # orange

Rgb = npt.NDArray[np.uint8]


def outline(mask: npt.NDArray[np.bool_], width: int = 1) -> npt.NDArray[np.bool_]:
    """Return the (H, W) pixels of `mask` within `width` pixels (4-neighbourhood) of its border.

    The image edge is not a border: a mask cut off by it has no outline there.
    """
    inner = mask
    for _ in range(width):
        padded = np.pad(inner, 1, mode="edge")
        inner = inner & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def overlay(
    image: npt.NDArray[np.floating],
    mask: npt.NDArray[np.generic],
    *,
    truth: npt.NDArray[np.generic] | None = None,
    alpha: float = 0.4,
    contour: bool = False,
) -> Rgb:
    """Draw a mask in blue, and the outline of the ground truth in orange, over a grey image.

    Args:
        image: (H, W) in [0, 1]; values outside (noise, interpolation) are clipped.
        mask: (H, W) prediction, filled where above 0.5.
        truth: (H, W) ground truth, outlined where above 0.5.
        alpha: Opacity of the fill, from 0 (image alone) to 1 (colour alone). Outlines are opaque.
        contour: Outline the mask instead of filling it.

    Returns:
        (H, W, 3) uint8.

    Raises:
        ValueError: The shapes differ, `alpha` is outside [0, 1], or the image holds NaN.
    """
    if image.ndim != 2:
        raise ValueError(f"overlay: the image must be (H, W), not {image.shape}.")
    for name, other in (("mask", mask), ("truth", truth)):
        if other is not None and other.shape != image.shape:
            raise ValueError(f"overlay: the {name} is {other.shape}, but the image is {image.shape}.")
    if not 0.0 <= alpha <= 1.0:
        raise ValueError(f"overlay: alpha must lie in [0, 1], not {alpha}.")
    if np.isnan(image).any():
        raise ValueError("overlay: the image holds NaN.")
    grey = np.clip(image, 0.0, 1.0).astype(np.float64) * 255.0
    rgb = np.repeat(grey[..., None], 3, axis=2)  # (H, W, 3)
    inside = np.asarray(mask, dtype=np.float32) > 0.5
    width = max(1, round(min(image.shape) / 256))
    if contour:
        rgb[outline(inside, width)] = MASK_COLOUR
    else:
        rgb[inside] = (1.0 - alpha) * rgb[inside] + alpha * np.array(MASK_COLOUR)
    if truth is not None:
        rgb[outline(np.asarray(truth, dtype=np.float32) > 0.5, width)] = TRUTH_COLOUR
    return rgb.round().astype(np.uint8)
