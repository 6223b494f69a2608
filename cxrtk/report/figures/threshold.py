"""Mean Dice as a function of the probability threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from cxrtk.evaluation.curves import STEPS, Counts
from cxrtk.report.figures.canvas import COLOURS, GREY, Drawn, axes, drawn

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ByThreshold:
    """Mean and deciles of Dice over images, at each threshold k / 1000 from 0 to 1."""

    thresholds: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers

    @property
    def best(self) -> float:
        """Threshold with the highest mean; the middle one if there are several."""
        highest = np.flatnonzero(self.mean == self.mean.max())
        return float(self.thresholds[highest[len(highest) // 2]])


def dice_by_threshold(counts: Counts) -> ByThreshold:
    """Return the Dice of each image at each threshold; 1 if ground truth and mask are both empty.

    Args:
        counts: (N, 2, 1001) pixel counts, one entry per image; see `cxrtk.evaluation.curves`.
    """
    taken = np.cumsum(counts[:, :, ::-1], axis=2)[:, :, ::-1]  # from each threshold on: outside, inside
    inside = taken[:, 1]
    both = inside + taken[:, 0] + inside[:, :1]  # pixels of the mask and of the ground truth
    dice = np.where(both > 0, 2 * inside / np.maximum(both, 1), 1.0)  # (N, 1001)
    low, high = np.percentile(dice, (10, 90), axis=0)
    return ByThreshold(np.arange(STEPS + 1) / STEPS, dice.mean(axis=0), low, high)


def draw(counts: Counts, threshold: float) -> Drawn:
    """Plot mean Dice with the central 80 % range of the images, and the threshold that was used.

    Args:
        counts: (N, 2, 1001) pixel counts, one entry per image.
        threshold: Probability threshold that was used.
    """
    found = dice_by_threshold(counts)
    used = found.mean[round(threshold * STEPS)]

    def put(figure: Figure) -> None:
        paper = axes(figure, "Threshold of probability", "Dice")
        paper.fill_between(
            found.thresholds, found.low, found.high, color=COLOURS[4], alpha=0.35, linewidth=0,
            label="Middle 80 % of images",
        )  # fmt: skip
        paper.plot(found.thresholds, found.mean, color=COLOURS[0], label="Mean")
        paper.axvline(threshold, color=COLOURS[1], linestyle="--", linewidth=1, label=f"Used: {threshold:g}")
        paper.axvline(found.best, color=GREY, linestyle=":", linewidth=1, label=f"Highest: {found.best:g}")
        paper.set_xlim(0, 1)
        paper.set_ylim(max(0.0, float(found.low[100:901].min()) - 0.1), 1.0)
        paper.legend(loc="lower left", bbox_to_anchor=(0.04, 0.02))

    says = (
        f"Mean Dice of the {len(counts):,} images by threshold, before any clean-up of the masks: "
        f"{used:.4f} at {threshold:g}, which was used; highest, {found.mean.max():.4f}, at {found.best:g} "
        "(selected on these same images, so it is not a result)."
    )
    return drawn("threshold_dice", "Dice by threshold", says, put)
