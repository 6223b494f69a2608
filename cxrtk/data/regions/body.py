"""Segmentation of the air outside the body, grown from the image border inwards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

Mask = npt.NDArray[np.bool_]


def outside_air(
    image: torch.Tensor, *, relative: float = 0.45, passage: int = 3, frame: int = 5
) -> torch.Tensor:
    """Segment the dark surroundings of the body: black borders, collimated corners, air beside the arms.

    A pixel is dark below `relative` times the image's mean. Dark pixels connected to the border through
    passages wider than twice `passage` pixels are outside; narrower passages (a thin chest wall that is
    itself dark) do not connect a lung to the outside. A dark region that reaches the border but lies mostly
    in the middle of the image is a lung in a tight crop, and is kept.

    Args:
        image: (1, H, W) in [0, 1].
        relative: Fraction of the image's mean below which a pixel is dark.
        passage: Half width in pixels of the widest passage that is closed.
        frame: Width in pixels of a bright rim (a film edge, a one-pixel frame) that is ignored.

    Returns:
        (1, H, W) float32 of zeros and ones, 1 outside the body.
    """
    pixels = image[0].numpy()
    dark = _without_rim(pixels < relative * pixels.mean(), frame)
    labels, _ = ndimage.label(ndimage.binary_erosion(dark, iterations=passage, border_value=1))
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    outside = np.zeros_like(dark)
    for label in border[border > 0]:
        region = labels == label
        if not _is_central(region):
            outside |= region
    if outside.any():
        outside = ndimage.binary_dilation(outside, iterations=passage + 1)
    return torch.from_numpy(outside).float()[None]


def _without_rim(dark: Mask, frame: int) -> Mask:
    """Replace the outermost `frame` rows and columns of `dark` by the ones inside, where those are dark."""
    seen = dark.copy()
    seen[:frame] |= seen[frame]
    seen[-frame:] |= seen[-frame - 1]
    seen[:, :frame] |= seen[:, frame : frame + 1]
    seen[:, -frame:] |= seen[:, -frame - 1 : -frame]
    return seen


def _is_central(region: Mask, *, share: float = 0.35, least: float = 0.02) -> bool:
    """Return whether at least `share` of a region lies in the inner half of rows and 60 % of columns."""
    height, width = region.shape
    inner = region[height // 4 : 3 * height // 4, width // 5 : 4 * width // 5]
    return bool(region.mean() > least and inner.sum() > share * region.sum())
