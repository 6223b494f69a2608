"""Precision-recall curve of all pixels."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxrtk.evaluation.curves import Counts, precision_recall
from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, drawn, unit_square


def draw(counts: Counts) -> Drawn:
    """Plot the curve with its average precision; the chance level is the fraction of lung pixels.

    Args:
        counts: (2, 1001) pixel counts of all images; see `cxrtk.evaluation.curves`.

    Raises:
        DataError: The ground truth is empty.
    """
    curve = precision_recall(counts)
    share = float(counts[1].sum() / counts.sum())

    def put(figure: Figure) -> None:
        paper = unit_square(figure, "Recall (sensitivity)", "Precision")
        paper.axhline(share, color=GREY, linewidth=0.8, linestyle=":", label=f"Share of lung, {share:.2f}")
        # A step function, as average precision sums it: each recall has the precision of the next threshold.
        paper.step(
            curve.recall, curve.precision, where="pre", color=COLOURS[0],
            label=f"All pixels, AP {curve.average_precision:.4f}",
        )  # fmt: skip
        paper.legend(loc="lower left")

    says = (
        f"Precision-recall curve of all pixels of all images: average precision "
        f"{curve.average_precision:.4f}; a guess would have {share:.4f}, the share of lung."
    )
    return drawn("precision_recall", "Precision and recall", says, put)
