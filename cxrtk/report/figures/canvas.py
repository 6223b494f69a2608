"""Shared parts of all figures: size, colours, and reproducible files that depend only on the content."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

# Palette of Okabe & Ito (2008), safe for colour-blind readers, in the order of use. Yellow is left out: it is
# too light for a line on white paper.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
# Markers that distinguish the series in greyscale prints.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":")
GREY = "#6b7280"
WIDTH, HEIGHT = 4.8, 3.6  # inches; half the width of a page at a readable font size
DPI = 200  # resolution of the PNG
FONT = "DejaVu Sans"

_STYLE: dict[Any, Any] = {
    "font.family": FONT,  # ships with matplotlib, so it is available everywhere
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e5e7eb",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "text.parse_math": False,  # names with two dollar signs are not mathematics
    "svg.fonttype": "path",  # looks the same if the font is not installed
    "svg.hashsalt": "cxrtk",  # otherwise ids in the file are random
    "savefig.facecolor": "white",
}


@dataclass(frozen=True)
class Drawn:
    """A finished figure.

    Attributes:
        name: Stem of its files, such as ``roc``.
        title: Title of the figure.
        says: Caption with the numbers of the figure, also used as its alternative text.
        svg: The figure as SVG.
        png: The figure as PNG.
    """

    name: str
    title: str
    says: str
    svg: bytes
    png: bytes


def drawn(
    name: str,
    title: str,
    says: str,
    draw: Callable[[Figure], None],
    *,
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> Drawn:
    """Draw a figure and save it as SVG and PNG; the same drawing gives the same bytes.

    Args:
        name: Stem of the files.
        title: Title of the figure.
        says: Caption of the figure.
        draw: Function that draws on the empty figure.
        size: Width and height in inches.
    """
    with mpl.rc_context():
        mpl.rcdefaults()  # ignore the user's own style
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        svg = _saved(figure, "svg", {"Date": None, "Creator": None})
        png = _saved(figure, "png", {"Software": None})
    return Drawn(name, title, says, svg, png)


def axes(figure: Figure, across: str, up: str) -> Axes:
    """Add the single axes of a figure, with labels."""
    made = figure.subplots()
    made.set_xlabel(across)
    made.set_ylabel(up)
    return made


def unit_square(figure: Figure, across: str, up: str) -> Axes:
    """Add axes from 0 to 1 in both directions, with an equal aspect ratio."""
    made = axes(figure, across, up)
    made.set_xlim(-0.01, 1.01)
    made.set_ylim(-0.01, 1.01)
    made.set_aspect("equal")
    return made


def plain(text: str) -> str:
    """Replace the characters of a text that the font does not contain.

    >>> plain("Zürich 图")
    'Zürich ?'
    """
    return "".join(char if ord(char) in _signs() else "?" for char in text)


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    return frozenset(FT2Font(findfont(FONT)).get_charmap())


def _saved(figure: Figure, file_format: str, metadata: dict[str, None]) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format=file_format, dpi=DPI, metadata=metadata)
    return file.getvalue()
