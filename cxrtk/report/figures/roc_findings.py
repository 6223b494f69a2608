"""ROC curves of a classifier's findings, with one case per image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from cxrtk.evaluation.findings import auc
from cxrtk.report.figures.canvas import COLOURS, DASHES, GREY, Drawn, drawn, plain, unit_square

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """ROC curve from (0, 0) to (1, 1); its area is computed by the trapezoidal rule."""

    false_positive_rate: Numbers
    true_positive_rate: Numbers
    area: float


def curve(scores: Sequence[float], labels: Sequence[int]) -> Curve | None:
    """Compute the ROC curve over all scores; images with equal scores form one point.

    Args:
        scores: One score per image.
        labels: One label per image, 0 or 1.

    Returns:
        The curve, or ``None`` if all labels are equal.
    """
    area = auc(scores, labels)
    if area is None:
        return None
    values, positive = np.asarray(scores, np.float64), np.asarray(labels) > 0
    order = np.argsort(-values, kind="stable")
    values, positive = values[order], positive[order]
    ends = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    true, false = np.cumsum(positive)[ends], np.cumsum(~positive)[ends]
    return Curve(np.append(0.0, false / false[-1]), np.append(0.0, true / true[-1]), area)


def draw(curves: Mapping[str, Curve]) -> Drawn:
    """Plot one line per finding.

    Args:
        curves: Curves by finding; at least one.
    """

    def put(figure: Figure) -> None:
        paper = unit_square(
            figure, "False positive rate (1 - specificity)", "True positive rate (sensitivity)"
        )
        paper.plot((0, 1), (0, 1), color=GREY, linewidth=0.8, linestyle=":")
        for number, (name, one) in enumerate(curves.items()):
            paper.plot(
                one.false_positive_rate, one.true_positive_rate, color=COLOURS[number % len(COLOURS)],
                linestyle=DASHES[number // len(COLOURS) % len(DASHES)],
                label=plain(f"{name} {one.area:.3f}"), linewidth=1.2,
            )  # fmt: skip
        paper.legend(loc="lower right", fontsize=6.5 if len(curves) > len(COLOURS) else 8)

    areas = ", ".join(f"{name} {one.area:.4f}" for name, one in curves.items())
    return drawn("roc_findings", "ROC curve of each finding", f"Areas under the ROC curves: {areas}.", put)
