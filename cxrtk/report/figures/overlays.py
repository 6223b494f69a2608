"""Overlays of the best, the median and the worst image: filled mask and both outlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from cxrtk.data.overlay import MASK_COLOUR, TRUTH_COLOUR, Rgb, overlay
from cxrtk.report.figures.canvas import Drawn, drawn


@dataclass(frozen=True)
class Seen:
    """One image with both masks, all (H, W).

    Attributes:
        name: Name of the case, such as ``best``.
        image: File name of the image.
        value: Value of the metric.
        pixels: Image in [0, 1].
        prediction: Predicted mask of zeros and ones.
        truth: True mask of zeros and ones.
    """

    name: str
    image: str
    value: float
    pixels: npt.NDArray[np.float32]
    prediction: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.uint8]


def chosen(values: Sequence[float]) -> dict[str, int]:
    """Return the indices in `values` of ``best``, ``median`` and ``worst``, if these are different images.

    The median is the lower of the two middle values, so that it belongs to an image.

    >>> chosen([0.5, 0.9, 0.7, 0.8])
    {'best': 1, 'median': 2, 'worst': 0}
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    places = {"best": order[-1], "median": order[(len(order) - 1) // 2], "worst": order[0]}
    seen: dict[str, int] = {}
    for name, place in places.items():
        if place not in seen.values():
            seen[name] = place
    return seen


def draw(images: Sequence[Seen], *, metric: str = "Dice") -> Drawn:
    """Draw one column per image: the image, the filled mask, and the outlines of mask and ground truth.

    Args:
        images: One or more images.
        metric: Name of the metric.
    """
    rows: Mapping[str, Callable[[Seen], Rgb]] = {
        "image": lambda one: overlay(one.pixels, np.zeros_like(one.truth)),
        "filled": lambda one: overlay(one.pixels, one.prediction),
        "outlines": lambda one: overlay(one.pixels, one.prediction, truth=one.truth, contour=True),
    }

    def put(figure: Figure) -> None:
        grid = figure.subplots(len(rows), len(images), squeeze=False)
        for column, one in enumerate(images):
            for row, (name, paint) in enumerate(rows.items()):
                paper = grid[row][column]
                paper.imshow(paint(one), interpolation="antialiased")
                paper.set_xticks([])
                paper.set_yticks([])
                paper.grid(False)
                for spine in paper.spines.values():
                    spine.set_visible(False)
                if row == 0:
                    paper.set_title(f"{one.name}: {one.value:.4f}")
                if column == 0:
                    paper.set_ylabel(name)
        colours = (("prediction", MASK_COLOUR), ("truth", TRUTH_COLOUR))
        handles = [Patch(color=_share(rgb), label=label) for label, rgb in colours]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)

    said = "; ".join(f"{one.name}: {one.image}, {metric} {one.value:.4f}" for one in images)
    wide = 2.3 * len(images) + 0.3
    says = f"{said[:1].upper()}{said[1:]}. Blue: prediction, orange: truth."
    return drawn("overlays", "Best, median and worst image", says, put, size=(wide, 7.4))


def _share(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """Convert an 8-bit RGB colour to matplotlib's range of 0 to 1."""
    red, green, blue = (value / 255 for value in rgb)
    return red, green, blue
