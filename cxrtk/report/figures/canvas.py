"""What all figures share: paper, colours, and files whose bytes depend on nothing but what is drawn."""

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

# Okabe & Ito's palette (2008), which the colour-blind tell apart; in the order of use. Yellow is left out:
# it is too light for a line on white paper.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
# A second sign beside the colour, for prints in grey.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":")
GREY = "#6b7280"
WIDTH, HEIGHT = 4.8, 3.6  # inches; half a page's width at a readable size of type
DPI = 200  # of the PNG
FONT = "DejaVu Sans"

_STYLE: dict[Any, Any] = {
    "font.family": FONT,  # comes with matplotlib, so every machine has it
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
    "text.parse_math": False,  # a name with two dollar signs is a name
    "svg.fonttype": "path",  # looks the same where the font is not installed
    "svg.hashsalt": "cxrtk",  # names inside the file are else drawn by lot
    "savefig.facecolor": "white",
}


@dataclass(frozen=True)
class Drawn:
    """One finished figure.

    Attributes:
        name: Of its files, as ``roc``.
        title: In words.
        says: What it shows, with its numbers: the caption, and the text for those who do not see it.
        svg: The vector picture.
        png: The same in pixels.
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
    """Draw on an empty sheet and save it as SVG and PNG; the same drawing gives the same bytes.

    Args:
        name: Of the files.
        title: In words.
        says: The caption.
        draw: Puts the drawing on the sheet.
        size: Width and height in inches.
    """
    with mpl.rc_context():
        mpl.rcdefaults()  # not the user's own style
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        svg = _saved(figure, "svg", {"Date": None, "Creator": None})
        png = _saved(figure, "png", {"Software": None})
    return Drawn(name, title, says, svg, png)


def axes(figure: Figure, across: str, up: str) -> Axes:
    """The one pair of axes of a figure, labelled."""
    made = figure.subplots()
    made.set_xlabel(across)
    made.set_ylabel(up)
    return made


def unit_square(figure: Figure, across: str, up: str) -> Axes:
    """Axes from 0 to 1 both ways, of equal length."""
    made = axes(figure, across, up)
    made.set_xlim(-0.01, 1.01)
    made.set_ylim(-0.01, 1.01)
    made.set_aspect("equal")
    return made


def plain(text: str) -> str:
    """A stranger's text as far as the font has signs for it.

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
