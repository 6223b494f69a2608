"""Temperature scaling, with one temperature per class, and the expected calibration error.

Guo et al., On Calibration of Modern Neural Networks, ICML 2017: logits are divided by a number that is
fitted on validation data. Masks at a threshold of 0.5 do not change.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit

LIMIT, STEP = 30.0, 0.02  # logits beyond the limit are counted at the limit
EDGES = np.arange(-LIMIT, LIMIT + STEP, STEP)
CENTRES = (EDGES[:-1] + EDGES[1:]) / 2
BINS = 15  # bins of the probability, as in the paper
HOTTEST = 20.0

Counts = npt.NDArray[np.int64]


class LogitCounts:
    """Histograms of logits by ground truth, so that memory does not grow with the data set.

    Args:
        classes: Number of classes C.
    """

    def __init__(self, classes: int) -> None:
        self._counts = np.zeros((classes, 2, len(CENTRES)), np.int64)

    def add(self, logits: npt.NDArray[np.floating], truth: npt.NDArray[Any]) -> None:
        """Count the pixels of (C, ...) logits; `truth` has the same shape: 1, 0 and -1 (unknown, ignored)."""
        for number, (values, labels) in enumerate(zip(logits, truth, strict=True)):
            clipped = np.clip(values, -LIMIT + STEP / 2, LIMIT - STEP / 2)
            places = ((clipped + LIMIT) / STEP).astype(np.int64)
            for label in (0, 1):
                found = np.bincount(places[labels == label].ravel(), minlength=len(CENTRES))
                self._counts[number, label] += found[: len(CENTRES)]

    def temperature(self, number: int) -> float:
        """Return the temperature with the lowest cross entropy for a class; 1 if no pixel is known."""
        no, yes = self._counts[number]
        if no.sum() + yes.sum() == 0:
            return 1.0

        def loss(log_temperature: float) -> float:
            scaled = CENTRES / np.exp(log_temperature)
            return float(no @ np.logaddexp(0, scaled) + yes @ np.logaddexp(0, -scaled))

        found = minimize_scalar(loss, bounds=(-np.log(HOTTEST), np.log(HOTTEST)), method="bounded")
        return round(float(np.exp(found.x)), 4)

    def calibration_error(self, number: int, temperature: float = 1.0) -> float:
        r"""Return the expected calibration error: :math:`\sum_b n_b / n |p_b - y_b|` over 15 equal bins.

        p is the mean probability of the class in a bin, y the fraction of its pixels that have the class.
        """
        no, yes = self._counts[number]
        probability = expit(CENTRES / temperature)
        bins = np.minimum((probability * BINS).astype(int), BINS - 1)
        pixels = no + yes
        said = np.bincount(bins, probability * pixels, BINS)
        right = np.bincount(bins, yes, BINS)
        return float(np.abs(said - right).sum() / max(int(pixels.sum()), 1))
