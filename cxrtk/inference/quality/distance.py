"""Distance of an image, or of its masks, from a population, as a sign of a failed segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


class Distance:
    """Mahalanobis distance of a vector from a population along its principal axes, in standard deviations.

    Args:
        mean: (D,) mean of the population.
        scale: (D,) standard deviations.
        axes: (K, D) principal axes of the scaled population.
        spread: (K,) standard deviations along these axes.
        rest: Root mean square of the residual outside the axes; 0 if there is none.
    """

    def __init__(
        self,
        mean: Sequence[float],
        scale: Sequence[float],
        axes: Sequence[Sequence[float]],
        spread: Sequence[float],
        rest: float,
    ) -> None:
        self._mean, self._scale = np.asarray(mean), np.asarray(scale)
        self._axes, self._spread, self._rest = np.asarray(axes), np.asarray(spread), rest

    def __call__(self, vector: npt.ArrayLike) -> float:
        """Return the distance of a (D,) vector; it is about 1 for a vector of the population."""
        scaled = (np.asarray(vector, dtype=np.float64) - self._mean) / self._scale
        along = self._axes @ scaled
        parts = [np.mean((along / self._spread) ** 2)]
        if self._rest > 0:
            parts.append(np.sum((scaled - along @ self._axes) ** 2) / self._rest**2)
        return float(np.sqrt(np.mean(parts)))

    @staticmethod
    def fit(vectors: npt.NDArray[np.floating[Any]], axes: int) -> dict[str, Any]:
        """Fit the arguments for an (N, D) population, with at most `axes` axes, and return JSON values."""
        mean, scale = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
        scaled = (vectors - mean) / scale
        _, singular, directions = np.linalg.svd(scaled, full_matrices=False)
        kept = min(axes, int((singular > 1e-6 * singular[0]).sum()))
        rest = float(np.sqrt((singular[kept:] ** 2).sum() / len(vectors)))
        spread = singular[:kept] / np.sqrt(len(vectors))
        return {
            "mean": _rounded(mean),
            "scale": _rounded(scale),
            "axes": [_rounded(axis) for axis in directions[:kept]],
            "spread": _rounded(spread),
            "rest": rest if rest > 1e-6 else 0.0,
        }


def _rounded(values: npt.NDArray[np.floating[Any]]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
