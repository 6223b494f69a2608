"""Figures of explanation maps: colour overlays with a colour bar, and the steps of a sanity check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

from cxrtk.data.atomic import replacing
from cxrtk.explain.sanity import Cascade

SIDE = 1024  # pixels, maximum of the longest side of the image in a figure
LEAST = 512  # pixels, minimum of the longest side, so that the bar is legible
DPI = 100
BAR = 1.1  # inches at the right for the colour bar and its labels
SIGNED, POSITIVE = "coolwarm", "inferno"  # colour maps of matplotlib
OPACITY = 0.6  # opacity where a map is farthest from 0
FULL = 99.5  # percentile of a map's absolute values at which the colours saturate
SHOWN = 8  # maps in the figure of a sanity check

Picture = npt.NDArray[np.float32]


def save_overlay(
    pixels: Picture, found: Picture, path: Path, *, signed: bool = True, title: str = ""
) -> None:
    """Write a map over its image as PNG, atomically.

    Signed maps are red for positive values and blue for negative ones; others range from black to yellow.
    Where the map is 0, it is transparent. The colour bar gives the values; the half percent of pixels that
    are farthest from 0 share the last colour.

    Args:
        pixels: (H, W) image in [0, 1]; its contrast is stretched between percentiles 1 and 99.
        found: (h, w) map of any size, resized to the whole image, bilinear.
        path: Path of the ``.png`` file.
        signed: Whether such a map can have negative values.
        title: Label of the colour bar.
    """
    pixels = _fitted(pixels)
    down, across = (side / DPI for side in pixels.shape)  # inches
    figure = Figure(figsize=(across + BAR, down), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, across / (across + BAR), 1.0))
    axes.set_axis_off()
    shown = _draw(axes, pixels, found, signed)
    bar = figure.add_axes(((across + 0.15) / (across + BAR), 0.08, 0.15 / (across + BAR), 0.84))
    figure.colorbar(shown, cax=bar, extend="both" if signed else "max").set_label(title, fontsize=8)
    bar.tick_params(labelsize=7)
    with replacing(path) as part:
        figure.savefig(part, dpi=DPI)


def save_cascade(cascade: Cascade, pixels: Picture, path: Path, *, names: Sequence[str]) -> None:
    """Write the steps of a sanity check as PNG: the maps of one image, and the curves over all steps.

    Args:
        cascade: Result of the sanity check.
        pixels: (H, W) image in [0, 1] of the shown maps.
        path: Path of the ``.png`` file.
        names: Names of the classes, one row each.
    """
    pixels = _fitted(pixels)
    last = len(cascade.steps) - 1
    chosen = sorted({round(step) for step in np.linspace(0, last, min(SHOWN, last + 1))})
    signed = any(bool(each.min() < 0) for each in cascade.pictures)
    rows = len(names)
    figure = Figure(figsize=(1.7 * len(chosen), 1.9 * rows + 2.6), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(rows + 1, len(chosen), height_ratios=[1.0] * rows + [1.3])
    for row, name in enumerate(names):
        for column, step in enumerate(chosen):
            axes = figure.add_subplot(grid[row, column])
            axes.set_xticks([])
            axes.set_yticks([])
            _draw(axes, pixels, cascade.pictures[step][row], signed)
            if column == 0:
                axes.set_ylabel(name, fontsize=8)
            if row == 0:
                axes.set_title("trained" if step == 0 else f"{step} random", fontsize=8)
    curves = figure.add_subplot(grid[rows, :])
    curves.plot([step.strength for step in cascade.steps], "o-", label="|Spearman|", markersize=3)
    curves.plot([step.ssim for step in cascade.steps], "s--", label="SSIM", markersize=3)
    curves.axhline(cascade.image.strength, color="grey", linestyle=":", label="|Spearman| with the image")
    curves.set_xlabel("layers randomised, from the output on", fontsize=8)
    curves.tick_params(labelsize=7)
    curves.legend(fontsize=7)
    with replacing(path) as part:
        figure.savefig(part, dpi=DPI)


def _draw(axes: Axes, pixels: Picture, found: Picture, signed: bool) -> AxesImage:
    """Draw the image in grey, and the map over it, with an opacity that grows with the distance from 0."""
    height, width = pixels.shape
    low, high = np.percentile(pixels, (1, 99))
    axes.imshow(pixels, cmap="gray", vmin=float(low), vmax=max(float(high), float(low) + 1e-6))
    grid = torch.from_numpy(np.ascontiguousarray(found))[None, None]
    laid = torch.nn.functional.interpolate(grid, (height, width), mode="bilinear")[0, 0].numpy()
    strength = np.abs(laid)
    most = float(np.percentile(strength, FULL)) or float(strength.max()) or 1.0
    least, colours = (-most, SIGNED) if signed else (0.0, POSITIVE)
    opacity = OPACITY * np.clip(strength / most, 0.0, 1.0)
    return axes.imshow(laid, cmap=colours, vmin=least, vmax=most, alpha=opacity, interpolation="nearest")


def _fitted(pixels: Picture) -> Picture:
    """Resize the image to a longest side between `LEAST` and `SIDE` pixels."""
    scale = min(max(max(pixels.shape), LEAST), SIDE) / max(pixels.shape)
    if scale == 1.0:
        return pixels
    height, width = (max(round(side * scale), 1) for side in pixels.shape)
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX), np.float32)
