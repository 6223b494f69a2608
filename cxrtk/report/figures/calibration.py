"""Reliability diagram: fraction of lung pixels by predicted probability."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from cxrtk.evaluation.curves import Counts, Reliability, reliability
from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, drawn

BINS = 20


def expected_error(found: Reliability) -> float:
    """Return the expected calibration error: pixel-weighted mean |probability - lung fraction|."""
    filled = found.pixels > 0
    gaps = np.abs(found.probability[filled] - found.share[filled])
    return float(np.sum(gaps * found.pixels[filled]) / found.pixels.sum())


def draw(counts: Counts) -> Drawn:
    """Plot the fraction of lung pixels by probability, and the number of pixels per bin below it.

    Args:
        counts: (2, 1001) pixel counts of all images; see `cxrtk.evaluation.curves`.
    """
    found = reliability(counts, BINS)
    error = expected_error(found)

    def put(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        above.plot((0, 1), (0, 1), color=GREY, linewidth=0.8, linestyle=":", label="Right probabilities")
        above.plot(
            found.probability, found.share, "o-", color=COLOURS[0], markersize=3.5, linewidth=1,
            label=f"All pixels, ECE {error:.4f}",
        )  # fmt: skip
        above.set_ylabel("Share of lung")
        above.set_ylim(-0.02, 1.02)
        above.legend(loc="upper left")
        middles = (np.arange(BINS) + 0.5) / BINS
        below.bar(middles, found.pixels, width=0.9 / BINS, color=COLOURS[4])
        below.set_yscale("log")
        below.yaxis.set_major_formatter(EngFormatter(sep=""))  # 10k, 1M
        below.set_ylabel("Pixels")
        below.set_xlabel("Probability of lung")
        below.set_xlim(-0.01, 1.01)

    says = (
        f"Reliability diagram in {BINS} bins of probability, all pixels of all images together: expected "
        f"calibration error {error:.4f}. Above the diagonal the model is underconfident, below it "
        "overconfident."
    )
    return drawn("reliability", "Reliability of the probabilities", says, put)
