"""Images ranked by Dice, from worst to best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from cxrtk.report.figures.canvas import COLOURS, GREY, MARKERS, WIDTH, Drawn, axes, drawn, plain

MOST = len(COLOURS)  # maximum number of groups in one figure


def ranking(values: Sequence[float]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Sort values in ascending order; also return the percentage of worse images, 0 for the worst.

    >>> ranking([0.9, 0.5, 0.7])[0].tolist(), ranking([0.9, 0.5, 0.7])[1].tolist()
    ([0.5, 0.7, 0.9], [0.0, 50.0, 100.0])
    """
    ranked = np.sort(np.asarray(values, dtype=np.float64))
    return ranked, np.linspace(0.0, 100.0, len(ranked))


def draw(groups: Mapping[str, Sequence[float]], *, metric: str = "Dice", column: str = "") -> Drawn:
    """Plot one strip of points per group.

    Args:
        groups: Values per image, by group name; the name of a single group is not shown. If there are more
            than seven groups, the largest seven are drawn, and the caption says so.
        metric: Name of a metric for which higher is better.
        column: Column that defines the groups; empty for all images together.
    """
    largest = sorted(groups, key=lambda name: -len(groups[name]))[:MOST]
    chosen = {name: groups[name] for name in groups if name in largest}

    def put(figure: Figure) -> None:
        paper = axes(figure, "Images, worst to best (%)", metric)
        for (name, values), colour, marker in zip(chosen.items(), COLOURS, MARKERS, strict=False):
            ranked, share = ranking(values)
            paper.plot(
                share, ranked, marker, color=colour, markersize=3, linestyle="-", linewidth=0.6, alpha=0.85,
                label=plain(f"{column} {name} ({len(values)})"),
            )  # fmt: skip
        everything = np.concatenate([np.asarray(values) for values in chosen.values()])
        paper.axhline(float(np.median(everything)), color=GREY, linewidth=0.8, linestyle=":")
        if column:
            paper.legend(loc="lower right")

    said = "; ".join(
        f"{f'{name}: ' if column else ''}worst {min(values):.4f}, median {float(np.median(values)):.4f}, "
        f"best {max(values):.4f} ({len(values):,} images)"
        for name, values in chosen.items()
    )
    left = f" {len(groups) - len(chosen)} smaller groups are not drawn." if len(chosen) < len(groups) else ""
    name = f"ranked_{_word(column)}" if column else "ranked"
    title = f"{metric} of each image" + (f" by {column}" if column else "")
    return drawn(name, title, f"{said[:1].upper()}{said[1:]}.{left}", put, size=(WIDTH, 3.2))


def _word(text: str) -> str:
    """Convert text to letters, digits and underscores, for a file name."""
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in text)
