"""Bland-Altman plot of predicted against true areas (Bland and Altman, Lancet 1986)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from cxrtk.evaluation.table import Case
from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, axes, drawn

LIMITS = 1.96  # standard deviations: 95 % of normally distributed differences
SIGNS = {"mm2": "mm²", "pixels": "pixels"}


@dataclass(frozen=True)
class Agreement:
    """Agreement of predicted and true areas, in one unit.

    Attributes:
        unit: ``mm2`` or ``pixels``.
        means: Mean of both areas, per image.
        differences: Predicted minus true area, per image.
        bias: Mean difference.
        sd: Standard deviation of the differences, n - 1.
        failed: Whether each image is a failed case.
    """

    unit: str
    means: npt.NDArray[np.float64]
    differences: npt.NDArray[np.float64]
    bias: float
    sd: float
    failed: npt.NDArray[np.bool_]

    @property
    def limits(self) -> tuple[float, float]:
        """Limits of agreement: 95 % of normally distributed differences lie between them."""
        return self.bias - LIMITS * self.sd, self.bias + LIMITS * self.sd


def agreements(cases: Sequence[Case]) -> list[Agreement]:
    """Return the agreement for images with a spacing and for those without; each group needs two images."""
    found = []
    for unit in ("mm2", "pixels"):
        some = [case for case in cases if bool(case.spacing_mm) == (unit == "mm2")]
        if len(some) < 2:
            continue
        areas = np.array([(case.prediction_pixels, case.truth_pixels) for case in some], dtype=np.float64)
        areas *= np.array([_pixel_area(case) for case in some])[:, None]
        differences = areas[:, 0] - areas[:, 1]
        failed = np.array([bool(case.failure) for case in some])
        found.append(
            Agreement(
                unit, areas.mean(axis=1), differences, float(differences.mean()),
                float(differences.std(ddof=1)), failed,
            )
        )  # fmt: skip
    return found


def draw(found: Agreement) -> Drawn:
    """Plot the difference against the mean, with the bias and the limits of agreement."""
    sign = SIGNS[found.unit]
    low, high = found.limits

    def put(figure: Figure) -> None:
        paper = axes(figure, f"Mean of both areas ({sign})", f"Prediction minus truth ({sign})")
        paper.axhline(0, color=GREY, linewidth=0.8)
        paper.axhline(found.bias, color=COLOURS[1], label=f"Bias {found.bias:+,.0f}")
        for limit, label in ((low, f"Limits {low:+,.0f} to {high:+,.0f}"), (high, None)):
            paper.axhline(limit, color=COLOURS[1], linestyle="--", linewidth=1, label=label)
        right = ~found.failed
        paper.plot(
            found.means[right], found.differences[right], "o", color=COLOURS[0], markersize=3.5, alpha=0.7
        )
        if found.failed.any():
            paper.plot(
                found.means[found.failed], found.differences[found.failed], "x", color=COLOURS[6],
                label="Failed case",
            )  # fmt: skip
        paper.legend(loc="best")

    says = (
        f"Bland-Altman plot of the areas of {len(found.means):,} images in {sign}: bias {found.bias:+,.1f}, "
        f"95 % limits of agreement {low:+,.1f} to {high:+,.1f} (1.96 SD). Positive: more than the truth."
    )
    return drawn(f"bland_altman_{found.unit}", f"Agreement of areas ({sign})", says, put)


def _pixel_area(case: Case) -> float:
    """Return the area of one pixel in mm2, or 1 without a spacing."""
    row, column = case.spacing_mm or (1.0, 1.0)
    return row * column
