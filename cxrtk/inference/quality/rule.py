"""Score, flag and reasons of one structure, derived from the signs of an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxrtk.classes import LUNGS
from cxrtk.inference.quality.words import EMPTY, WORDS

FLAGS = ("ok", "review", "failed")
MOST = 10.0  # upper limit of the contribution of one sign, in its scales


class FlagRule:
    """Derives the quality flag of one structure from signs, with parameters fitted for one model.

    Args:
        signs: Name -> parameters of the sign: ``low`` and ``high``, its usual range; ``mean`` and ``scale``;
            ``weight``, its weight in the score per scale; ``below`` and ``above``, the additional weight per
            scale outside the usual range.
        bias: Bias of the score.
        ok_from: Scores of at least this value are ``ok``.
        failed_below: Scores below this value are ``failed``; scores in between are ``review``.
        structure: ``lungs``, ``heart`` or ``lungs_with_heart``.
    """

    def __init__(
        self,
        signs: Mapping[str, Mapping[str, float]],
        bias: float,
        ok_from: float,
        failed_below: float,
        structure: str = LUNGS,
    ) -> None:
        self._signs, self._bias = signs, bias
        self._ok_from, self._failed_below = ok_from, failed_below
        self._empty, self._nothing = EMPTY[structure]

    def score(self, found: Mapping[str, float]) -> float:
        """Estimate the probability that the mask is good; see `cxrtk.inference.quality.fit.GOOD`."""
        total = self._bias
        for name, known in self._signs.items():
            usual, below, above = standardise(found[name], known)
            total += known["weight"] * usual
            total -= known.get("below", 0.0) * below + known.get("above", 0.0) * above
        return float(1 / (1 + np.exp(-np.clip(total, -50, 50))))

    def __call__(self, found: Mapping[str, float]) -> dict[str, Any]:
        """Compute ``flag``, ``score`` and ``reasons`` (sentences), as JSON values, from the signs."""
        score = self.score(found)
        reasons = self.reasons(found)
        if found[self._empty] == 0:
            flag, reasons = "failed", [self._nothing, *reasons]
        elif score < self._failed_below:
            flag = "failed"
        elif score < self._ok_from:
            flag = "review"
        else:
            flag = "ok"
        if flag != "ok" and not reasons:
            reasons = ["several signs together, none of them unusual by itself"]
        return {"flag": flag, "score": round(score, 4), "reasons": [] if flag == "ok" else reasons}

    def reasons(self, found: Mapping[str, float]) -> list[str]:
        """Return one sentence for each sign outside its usual range."""
        said = []
        for name, known in self._signs.items():
            low, high = WORDS[name]
            if found[name] < known["low"] and low:
                said.append(low.format(found[name]))
            elif found[name] > known["high"] and high:
                said.append(high.format(found[name]))
        return said


def standardise(value: float, known: Mapping[str, float]) -> tuple[float, float, float]:
    """Standardise a sign: distance from its mean, below and above its range, each at most `MOST` scales."""
    scale = known["scale"]
    from_mean = (value - known["mean"]) / scale
    below, above = (known["low"] - value) / scale, (value - known["high"]) / scale
    return min(max(from_mean, -MOST), MOST), min(max(below, 0.0), MOST), min(max(above, 0.0), MOST)
