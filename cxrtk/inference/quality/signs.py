"""Signs of a failed segmentation, and the score, quality flag and reasons derived from them.

No sign uses ground truth. The signs measure whether the network agrees with itself (a mirrored view), its
uncertainty (entropy), whether the masks are shaped like lungs, and whether the image resembles the training
images, both in the network's features (Mahalanobis distance in a layer, Lee et al., NeurIPS 2018) and by
simple rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cxrtk.classes import HEART, WITH_HEART, lung_indices
from cxrtk.data.pixels.frontal import reduced, stretched
from cxrtk.data.pixels.polarity import density_contrast
from cxrtk.inference.quality.outline import LEAST_AREA, edge_share, solidity
from cxrtk.models.postprocess import binary, clean
from cxrtk.models.predictor import combined

FLAGS = ("ok", "review", "failed")
MARGIN = 13  # pixels across; six on either side of the outline are neither inside nor outside
MOST = 10.0  # upper limit of the contribution of one sign, in its scales
# Reason for each sign outside its usual range: "too low" and "too high"; {} is replaced by the value.
WORDS: Mapping[str, tuple[str, str]] = {
    "agreement": ("the mirrored image gives another mask (Dice {:.2f})", ""),
    "side_agreement": ("the mirrored image gives another mask of one lung (Dice {:.2f})", ""),
    "stability": ("the image moved by a few pixels gives another mask (Dice {:.2f})", ""),
    "entropy": ("", "the network is unsure of many pixels ({:.2f} bits a lung pixel)"),
    "fragments": ("", "the mask was in pieces ({:.0%} of it removed)"),
    "area": ("the lungs are unusually small ({:.0%} of the image)", "unusually large ({:.0%} of the image)"),
    "smaller_lung": ("one lung is much smaller than the other ({:.0%} of both)", ""),
    "shape": ("", "the lungs are unusually shaped (distance {:.1f})"),
    "appearance": ("", "the image is unlike those the model was trained on (distance {:.1f})"),
    "with_heart": ("lungs and heart are not the lungs that are drawn through the heart (Dice {:.2f})", ""),
    "heart_agreement": ("the mirrored image gives another heart (Dice {:.2f})", ""),
    "heart_stability": ("the image moved by a few pixels gives another heart (Dice {:.2f})", ""),
    "heart_entropy": ("", "the network is unsure of many pixels of the heart ({:.2f} bits a pixel of it)"),
    "heart_fragments": ("", "the heart was in pieces ({:.0%} of it removed)"),
    "heart_solidity": ("the heart is ragged ({:.0%} of its convex hull)", ""),
    "solidity": ("a lung is ragged ({:.0%} of its convex hull)", ""),
    "inner_entropy": ("", "the network is unsure of pixels well inside the lungs ({:.2f} bits)"),
    "outer_entropy": ("", "the network is unsure of pixels far from the lungs ({:.2f} bits a lung pixel)"),
    "edge_share": ("the outline of a lung follows no edge of the picture ({:.0%} of it does)", ""),
    "contrast": ("the middle is darker than usual: a negative, or no plain frontal chest ({:.2f})", ""),
}

Probabilities = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]


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
        """Distance of a (D,) vector; about 1 for a vector of the population."""
        scaled = (np.asarray(vector, dtype=np.float64) - self._mean) / self._scale
        along = self._axes @ scaled
        parts = [np.mean((along / self._spread) ** 2)]
        if self._rest > 0:
            parts.append(np.sum((scaled - along @ self._axes) ** 2) / self._rest**2)
        return float(np.sqrt(np.mean(parts)))

    @staticmethod
    def fit(vectors: npt.NDArray[np.floating[Any]], axes: int) -> dict[str, Any]:
        """Fit the arguments that describe an (N, D) population, JSON values, with at most `axes` axes."""
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


def shape_of(masks: npt.NDArray[np.uint8]) -> list[float]:
    """Seven numbers per mask of (C, S, S), in units of S: root of area, centre, height, width, 2 spreads."""
    side = masks.shape[-1]
    numbers: list[float] = []
    for mask in masks:
        rows, columns = np.nonzero(mask)
        if rows.size < LEAST_AREA:
            numbers += [0.0] * 7
            continue
        numbers += [
            np.sqrt(rows.size) / side,
            rows.mean() / side,
            columns.mean() / side,
            np.ptp(rows) / side,
            np.ptp(columns) / side,
            rows.std() / side,
            columns.std() / side,
        ]
    return [float(number) for number in numbers]


def signs(
    views: npt.NDArray[np.float32],
    classes: Sequence[str],
    threshold: float,
    pixels: npt.NDArray[np.float32],
    appearance: float | None = None,
    shape: Distance | None = None,
) -> dict[str, float]:
    """Compute the signs of one image; signs whose inputs are not given are missing.

    Args:
        views: (V, C, S, S) probabilities: of the image itself, of the shifted view and of the mirrored view,
            the latter two transformed back.
        classes: C names.
        threshold: Threshold of the masks.
        pixels: (H, W) image in [0, 1].
        appearance: Distance of the network's features from those of the training images.
        shape: Distance of the result of `shape_of` from that of the training images.
    """
    lungs = lung_indices(classes)
    each = [binary(view, classes, threshold)[lungs] for view in views]
    raw = binary(combined(views), classes, threshold)
    kept = clean(raw, classes)
    area = int(kept[lungs].max(axis=0).sum())
    probabilities = views.mean(axis=0)[lungs].max(axis=0).clip(1e-6, 1 - 1e-6)
    bits = _bits(probabilities)
    found = {
        "agreement": _dice(each[0].max(axis=0), each[-1].max(axis=0)),
        "side_agreement": min(_dice(one, other) for one, other in zip(each[0], each[-1], strict=True)),
        "stability": _dice(each[0].max(axis=0), each[1].max(axis=0)),
        "entropy": float(bits.sum() / max(area, LEAST_AREA)),
        "fragments": 1.0 - area / max(int(raw[lungs].max(axis=0).sum()), LEAST_AREA, area),
        "area": area / kept[0].size,
        "contrast": density_contrast(pixels),
    }
    if len(lungs) == 2:
        sizes = kept[lungs].sum(axis=(1, 2))
        found["smaller_lung"] = float(sizes.min() / max(int(sizes.sum()), 1))
    found |= _inside_and_outside(bits, kept[lungs].max(axis=0))
    picture = picture_of(pixels, kept.shape[1])
    found["solidity"] = min(solidity(kept[lung]) for lung in lungs)
    found["edge_share"] = min(edge_share(kept[lung], picture) for lung in lungs)
    if HEART in classes:
        found |= heart_signs(views, classes, threshold, raw, kept)
    if shape is not None:
        found["shape"] = shape(shape_of(kept))
    if appearance is not None:
        found["appearance"] = appearance
    return found


def _inside_and_outside(bits: Vector, lungs: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Entropy well inside the lungs, for each of the pixels there, and far from them, for each lung pixel."""
    inside = ndimage.minimum_filter(lungs, MARGIN) > 0
    outside = ndimage.maximum_filter(lungs, MARGIN) == 0
    return {
        "inner_entropy": float(bits[inside].mean()) if inside.any() else 1.0,
        "outer_entropy": float(bits[outside].sum() / max(int(lungs.sum()), LEAST_AREA)),
    }


def heart_signs(
    views: npt.NDArray[np.float32],
    classes: Sequence[str],
    threshold: float,
    raw: npt.NDArray[np.uint8],
    kept: npt.NDArray[np.uint8],
) -> dict[str, float]:
    """Compute the signs of the heart, which fails before the lungs do.

    Args:
        views: (V, C, S, S) probabilities; see `signs`.
        classes: C names, ``heart`` among them.
        threshold: Threshold of the masks.
        raw: (C, S, S) masks before post-processing.
        kept: (C, S, S) masks after post-processing.
    """
    heart = list(classes).index(HEART)
    each = [view[heart] >= threshold for view in views]
    area = int(kept[heart].sum())
    probabilities = views[:, heart].mean(axis=0).clip(1e-6, 1 - 1e-6)
    found = {
        "heart_agreement": _dice(each[0], each[-1]),
        "heart_stability": _dice(each[0], each[1]),
        "heart_entropy": float(_bits(probabilities).sum() / max(area, LEAST_AREA)),
        "heart_fragments": 1.0 - area / max(int(raw[heart].sum()), LEAST_AREA, area),
        "heart_solidity": solidity(kept[heart]),
    }
    if WITH_HEART in classes:
        both = kept[[*lung_indices(classes), heart]].max(axis=0)
        found["with_heart"] = _dice(both, kept[list(classes).index(WITH_HEART)])
    return found


def picture_of(pixels: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    """Stretch an image (H, W) to [0, 1] and reduce it to (side, side), as a network sees it."""
    if pixels.shape == (side, side):
        return pixels
    return stretched(reduced(pixels, side, side))


class FlagRule:
    """Derives the quality flag from signs, with parameters fitted for one model.

    Args:
        signs: Name -> parameters of the sign: ``low`` and ``high``, its usual range; ``mean`` and ``scale``;
            ``weight``, its weight in the score per scale; ``below`` and ``above``, the additional weight per
            scale outside the usual range.
        bias: Bias of the score.
        ok_from: Scores of at least this value are ``ok``.
        failed_below: Scores below this value are ``failed``; scores in between are ``review``.
    """

    def __init__(
        self, signs: Mapping[str, Mapping[str, float]], bias: float, ok_from: float, failed_below: float
    ) -> None:
        self._signs, self._bias = signs, bias
        self._ok_from, self._failed_below = ok_from, failed_below

    def score(self, found: Mapping[str, float]) -> float:
        """Estimated probability that Dice is 0.90 or more."""
        total = self._bias
        for name, known in self._signs.items():
            usual, below, above = standardise(found[name], known)
            total += known["weight"] * usual
            total -= known.get("below", 0.0) * below + known.get("above", 0.0) * above
        return float(1 / (1 + np.exp(-np.clip(total, -50, 50))))

    def __call__(self, found: Mapping[str, float]) -> dict[str, Any]:
        """Compute ``flag``, ``score``, ``reasons`` (sentences) and ``signs``, as JSON values."""
        score = self.score(found)
        reasons = self.reasons(found)
        if found["area"] == 0:
            flag, reasons = "failed", ["no lungs were found", *reasons]
        elif score < self._failed_below:
            flag = "failed"
        elif score < self._ok_from:
            flag = "review"
        else:
            flag = "ok"
        if flag != "ok" and not reasons:
            reasons = ["several signs together, none of them unusual by itself"]
        rounded = {name: round(value, 4) for name, value in found.items()}
        return {
            "flag": flag,
            "score": round(score, 4),
            "reasons": [] if flag == "ok" else reasons,
            "signs": rounded,
        }

    def reasons(self, found: Mapping[str, float]) -> list[str]:
        """One sentence for each sign outside its usual range."""
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


def _bits(probabilities: npt.NDArray[Any]) -> Vector:
    """Entropy of each pixel in bits."""
    others = 1 - probabilities
    bits: Vector = -(probabilities * np.log2(probabilities) + others * np.log2(others))
    return bits


def _dice(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    total = int(first.sum()) + int(second.sum())
    return 1.0 if total == 0 else 2.0 * int((first & second).sum()) / total


def _rounded(values: npt.NDArray[np.floating[Any]]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
