"""ROC curve of all pixels, with the operating point of the masks."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from cxrtk.evaluation.curves import STEPS, Counts, Roc, roc
from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, drawn, unit_square


@dataclass(frozen=True)
class Point:
    """True and false positive rates at a threshold."""

    threshold: float
    false_positive_rate: float
    true_positive_rate: float


def operating_point(curve: Roc, threshold: float) -> Point:
    """Return the operating point of a threshold, at the smallest thousandth that is not below it."""
    # The thresholds fall from "above 1" by thousandths to 0, so index 1 is threshold 1.
    place = 1 + STEPS - min(STEPS, max(0, _thousandth(threshold)))
    rates = curve.false_positive_rate[place], curve.true_positive_rate[place]
    return Point(threshold, float(rates[0]), float(rates[1]))


def draw(counts: Counts, threshold: float) -> Drawn:
    """Plot the curve with its area, and the operating point.

    Args:
        counts: (2, 1001) pixel counts of all images; see `cxrtk.evaluation.curves`.
        threshold: Probability threshold of the lung masks.

    Raises:
        DataError: The ground truth is empty or full.
    """
    curve = roc(counts)
    point = operating_point(curve, threshold)

    def put(figure: Figure) -> None:
        paper = unit_square(
            figure, "False positive rate (1 - specificity)", "True positive rate (sensitivity)"
        )
        paper.plot((0, 1), (0, 1), color=GREY, linewidth=0.8, linestyle=":", label="Chance")
        paper.plot(
            curve.false_positive_rate, curve.true_positive_rate, color=COLOURS[0],
            label=f"All pixels, AUC {curve.area:.4f}",
        )  # fmt: skip
        paper.plot(
            point.false_positive_rate, point.true_positive_rate, "o", color=COLOURS[1],
            label=f"At {threshold:g}", clip_on=False,
        )  # fmt: skip
        paper.legend(loc="lower right")

    says = (
        f"ROC curve of all pixels of all images: area {curve.area:.4f}. Cut at probability {threshold:g}, "
        f"sensitivity is {point.true_positive_rate:.4f} and specificity {1 - point.false_positive_rate:.4f}, "
        "before any clean-up of the masks."
    )
    return drawn("roc", "ROC curve", says, put)


def _thousandth(threshold: float) -> int:
    """Return the lowest bin with all its pixels in a mask thresholded at `threshold`."""
    scaled = threshold * STEPS
    near = round(scaled)
    return near if abs(scaled - near) < 1e-6 else int(scaled) + 1
