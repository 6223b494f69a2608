"""Pictures of images with mask outlines for TensorBoard, under a caption that explains them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from cxrtk.data.overlay import MASK_COLOUR, TRUTH_COLOUR, Rgb, outline, overlay

# TensorBoard shows pictures about 350 pixels wide; words and lines are large enough to be seen at that width.
SMALLEST = 320  # pixels; a smaller image is enlarged by a whole factor, so that the caption fits above it
WHITE = (255, 255, 255)
LEGEND = (("truth", TRUTH_COLOUR), ("prediction", MASK_COLOUR))

Mask = npt.NDArray[np.bool_]


def captioned(image: npt.NDArray[np.float32], truth: Mask, pred: Mask, stem: str = "") -> Rgb:
    """Draw an image, and beside it the same image with the outlines of its masks, under a caption.

    The ground truth is drawn last, so only its colour is visible where the two outlines agree.

    Args:
        image: (H, W) of any range; its minimum is shown as black and its maximum as white.
        truth: (C, H, W) true masks, one for each class.
        pred: (C, H, W) predicted masks.
        stem: Name of the image in the caption.

    Returns:
        (T + k H, 2 k W, 3) uint8: T rows of caption above the two panels. The whole number k is 1 for an
        image of `SMALLEST` pixels or more.
    """
    factor = max(1, -(-SMALLEST // min(image.shape)))
    grey = (image - image.min()) / max(float(np.ptp(image)), 1e-6)
    panel = overlay(_enlarged(grey, factor), np.zeros((factor * image.shape[0], factor * image.shape[1])))
    outlined = panel.copy()
    width = max(1, min(panel.shape[:2]) // 160)
    for masks, colour in ((pred, MASK_COLOUR), (truth, TRUTH_COLOUR)):
        for mask in masks:
            outlined[outline(_enlarged(mask, factor), width)] = colour
    panels = np.concatenate([panel, outlined], axis=1)
    return np.concatenate([_strip(panels.shape[1], caption(stem, truth, pred)), panels])


def caption(stem: str, truth: Mask, pred: Mask) -> str:
    """Return the words of a caption: the name of the image and its Dice, the mean over the classes.

    Args:
        stem: Name of the image; empty for none.
        truth: (C, H, W) true masks.
        pred: (C, H, W) predicted masks.

    >>> half = np.array([[[True, False]]])
    >>> caption("a", half, ~half), caption("a", half, half | ~half), caption("", half & ~half, half)
    ('a, Dice 0.000', 'a, Dice 0.667', 'the truth is empty')
    """
    if not truth.any():
        return ", ".join(filter(None, (stem, "the truth is empty")))
    both, total = (truth & pred).sum(axis=(1, 2)), truth.sum(axis=(1, 2)) + pred.sum(axis=(1, 2))
    dice = np.where(total == 0, 1.0, 2 * both / np.maximum(total, 1))  # two empty masks agree
    return ", ".join(filter(None, (stem, f"Dice {dice.mean():.3f}")))


def _enlarged(plane: npt.NDArray[Any], factor: int) -> npt.NDArray[Any]:
    return plane.repeat(factor, axis=0).repeat(factor, axis=1)


def _strip(width: int, words: str) -> Rgb:
    """Write two lines on black: the end of the caption that fits, and the legend of the colours."""
    size = max(14, width // 26)
    strip = Image.new("RGB", (width, 3 * size))
    draw, font = ImageDraw.Draw(strip), ImageFont.load_default(size)
    while draw.textlength(words, font=font) > width - size:
        words = f"...{words[4:]}"  # one character fewer; the Dice is at the end
    draw.text((size // 2, size // 4), words, fill=WHITE, font=font)
    left = float(size // 2)
    for name, colour in LEGEND:
        draw.line([(left, 2.2 * size), (left + size, 2.2 * size)], fill=colour, width=max(2, size // 6))
        draw.text((left + 1.4 * size, 1.6 * size), name, fill=colour, font=font)
        left += 1.4 * size + draw.textlength(name, font=font) + size
    return np.asarray(strip)
