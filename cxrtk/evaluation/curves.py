"""ROC, precision-recall and reliability curves from pixel counts by probability and ground truth."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cxrtk.data.atomic import replacing
from cxrtk.errors import DataError

STEPS = 1000  # bins of probability, plus one for probability 1
Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def count_pixels(probabilities: npt.NDArray[np.float32], truth: npt.NDArray[np.uint8]) -> Counts:
    """Count pixels by probability, (2, 1001): outside and inside the ground truth.

    Bin k holds the probabilities from k / 1000 up to, but excluding, (k + 1) / 1000; the last bin holds
    probability 1. So the pixels of a mask thresholded at k / 1000 are exactly those of the bins from k on.

    Args:
        probabilities: Lung probabilities in [0, 1], any shape.
        truth: Ground truth of zeros and ones, of the same shape.

    Raises:
        ValueError: A probability is outside [0, 1].
    """
    values = probabilities.ravel()
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(f"Probabilities must lie in [0, 1], not from {values.min()} to {values.max()}.")
    # Compared with the thresholds in 32 bits, as masks are: 0.29 * 1000 is slightly below 290.
    borders = (np.arange(1, STEPS + 1) / STEPS).astype(np.float32)
    bins = np.searchsorted(borders, values, side="right")
    inside = truth.ravel() > 0
    return np.stack([np.bincount(bins[inside == kind], minlength=STEPS + 1) for kind in (False, True)])


class Roc(NamedTuple):
    """Points from (0, 0) to (1, 1), and the area under the piecewise linear curve."""

    false_positive_rate: Numbers
    true_positive_rate: Numbers
    thresholds: Numbers
    area: float


def roc(counts: Counts) -> Roc:
    """Compute the ROC curve at all thresholds k / 1000; the first, above 1, selects no pixel.

    Its area differs from the exact one by the ties within a bin, which count half.

    Raises:
        DataError: The ground truth is empty or full.
    """
    outside, inside = (np.append(0, np.cumsum(row[::-1])).astype(np.float64) for row in counts)
    if outside[-1] == 0 or inside[-1] == 0:
        raise DataError("The ROC curve is undefined if the truth is empty or fills all images.")
    false, true = outside / outside[-1], inside / inside[-1]
    thresholds = np.append(np.inf, np.arange(STEPS, -1, -1) / STEPS)
    return Roc(false, true, thresholds, float(np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2)))


class PrecisionRecall(NamedTuple):
    """Points by falling threshold, and the average precision: the sum of recall steps times precision."""

    precision: Numbers
    recall: Numbers
    thresholds: Numbers
    average_precision: float


def precision_recall(counts: Counts) -> PrecisionRecall:
    """Compute the precision-recall curve at those thresholds k / 1000 that select any pixel.

    Raises:
        DataError: The ground truth is empty.
    """
    outside, inside = (np.cumsum(row[::-1]).astype(np.float64) for row in counts)
    if inside[-1] == 0:
        raise DataError("The precision-recall curve is undefined if the truth is empty.")
    some = outside + inside > 0
    precision, recall = inside[some] / (outside + inside)[some], inside[some] / inside[-1]
    thresholds = (np.arange(STEPS, -1, -1) / STEPS)[some]
    return PrecisionRecall(
        precision, recall, thresholds, float(np.sum(np.diff(recall, prepend=0.0) * precision))
    )


class Reliability(NamedTuple):
    """Per bin of probability: mean probability, fraction of lung pixels (NaN if empty), pixel count."""

    probability: Numbers
    share: Numbers
    pixels: Counts


def reliability(counts: Counts, bins: int = 20) -> Reliability:
    """Compute the reliability diagram; each probability is taken as the centre of its 0.001 bin.

    Raises:
        ValueError: `bins` does not divide 1000.
    """
    if bins < 1 or STEPS % bins:
        raise ValueError(f"bins must divide {STEPS}, not {bins}.")
    middles = np.append((np.arange(STEPS) + 0.5) / STEPS, 1.0)
    which = np.minimum(np.arange(STEPS + 1) * bins // STEPS, bins - 1)
    pixels = np.zeros(bins, dtype=np.int64)
    weighted, inside = np.zeros(bins), np.zeros(bins)
    total = counts.sum(axis=0)
    np.add.at(pixels, which, total)
    np.add.at(weighted, which, total * middles)
    np.add.at(inside, which, counts[1])
    filled = np.where(pixels > 0, pixels, 1)
    empty = np.where(pixels > 0, 0.0, np.nan)
    return Reliability(weighted / filled + empty, inside / filled + empty, pixels)


def pack(counts: Counts) -> str:
    """Encode the counts of one image as text for a JSON line; `unpack` decodes them.

    Raises:
        ValueError: A count does not fit into 32 bits.
    """
    if counts.max(initial=0) > np.iinfo(np.uint32).max:
        raise ValueError("A bin holds more pixels than 32 bits can count.")
    return base64.b64encode(zlib.compress(counts.astype("<u4").tobytes(), 9)).decode("ascii")


def unpack(text: str) -> Counts:
    """Decode the (2, 1001) counts written by `pack`.

    Raises:
        DataError: The text is invalid.
    """
    try:
        content = zlib.decompress(base64.b64decode(text, validate=True))
        return np.frombuffer(content, "<u4").reshape(2, STEPS + 1).astype(np.int64)
    except (ValueError, zlib.error) as error:
        raise DataError(f"These are not counts of pixels: {error}.") from error


def save_counts(images: list[str], counts: list[Counts], path: Path) -> None:
    """Write the counts of each image; they sum to those of the whole set."""
    stacked = np.stack(counts).astype(np.uint32)  # (N, 2, 1001)
    with replacing(path) as part, part.open("wb") as file:
        np.savez_compressed(file, images=np.array(images), counts=stacked)


def load_counts(path: Path) -> tuple[list[str], Counts]:
    """Read image names and (N, 2, 1001) counts.

    Raises:
        DataError: The file is invalid.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            images, counts = content["images"], content["counts"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: holds no counts of pixels ({error}).") from error
    if counts.shape != (len(images), 2, STEPS + 1):
        raise DataError(f"{path}: holds counts of another form, {counts.shape}.")
    return [str(image) for image in images], counts.astype(np.int64)
