"""Are the probabilities what they say? One temperature a class, and the error of calibration.

Guo et al., On Calibration of Modern Neural Networks, ICML 2017: logits are divided by a number that is
fitted on validation data. The masks stay the same at a threshold of 0.5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit

LIMIT, STEP = 30.0, 0.02  # logits beyond are counted at the limit
EDGES = np.arange(-LIMIT, LIMIT + STEP, STEP)
CENTRES = (EDGES[:-1] + EDGES[1:]) / 2
BINS = 15  # of the probability, as in the paper
HOTTEST = 20.0

Counts = npt.NDArray[np.int64]


class LogitCounts:
    """How often each logit was right: pixels by logit, so that a data set of any size takes no memory.

    Args:
        classes: C, how many.
    """

    def __init__(self, classes: int) -> None:
        self._counts = np.zeros((classes, 2, len(CENTRES)), np.int64)

    def add(self, logits: npt.NDArray[np.floating], truth: npt.NDArray[Any]) -> None:
        """Count pixels: (C, ...) logits, and a truth of the same shape of 1, 0 and -1 (unknown: left out)."""
        for number, (values, labels) in enumerate(zip(logits, truth, strict=True)):
            clipped = np.clip(values, -LIMIT + STEP / 2, LIMIT - STEP / 2)
            places = ((clipped + LIMIT) / STEP).astype(np.int64)
            for label in (0, 1):
                found = np.bincount(places[labels == label].ravel(), minlength=len(CENTRES))
                self._counts[number, label] += found[: len(CENTRES)]

    def temperature(self, number: int) -> float:
        """The one with the least cross entropy on the pixels of a class; 1 where none is known."""
        no, yes = self._counts[number]
        if no.sum() + yes.sum() == 0:
            return 1.0

        def loss(log_temperature: float) -> float:
            scaled = CENTRES / np.exp(log_temperature)
            return float(no @ np.logaddexp(0, scaled) + yes @ np.logaddexp(0, -scaled))

        found = minimize_scalar(loss, bounds=(-np.log(HOTTEST), np.log(HOTTEST)), method="bounded")
        return round(float(np.exp(found.x)), 4)

    def calibration_error(self, number: int, temperature: float = 1.0) -> float:
        r"""Expected calibration error of a class: :math:`\sum_b n_b / n |p_b - y_b|` over 15 equal bins.

        p is the mean probability of the class in a bin, y the share of its pixels that have the class.
        """
        no, yes = self._counts[number]
        probability = expit(CENTRES / temperature)
        bins = np.minimum((probability * BINS).astype(int), BINS - 1)
        pixels = no + yes
        said = np.bincount(bins, probability * pixels, BINS)
        right = np.bincount(bins, yes, BINS)
        return float(np.abs(said - right).sum() / max(int(pixels.sum()), 1))
