"""Image fingerprints for finding duplicates, 1.1 kB per image."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cxrtk.data.pixels.frontal import reduced

# Measured on 588,000 pairs of different images and 200 altered copies; see docs/check.md.
BITS = 512  # length of the difference hash
MOST_BITS = 64  # maximum Hamming distance of near-duplicates
LEAST_CORRELATION = 0.95
# The same film digitised twice: grey values differ more, but hardly any hash bit does.
FEW_BITS = 24
LEAST_CORRELATION_OF_FEW = 0.85
_SIDE = 16  # difference hash: 16 x 16 bits along rows and as many along columns
_PICTURE = 32  # side of the thumbnail that is correlated
_COARSE = 272  # 16 x 17: larger images are reduced to this size first, for speed
_LEVELS = 32.0  # int8 levels per standard deviation
_ROWS, _COLUMNS = 1024, 4096  # block size of the pairwise comparison

Bits = npt.NDArray[np.uint8]


class Imprint(NamedTuple):
    """Fingerprint of the pixels.

    Attributes:
        sha256: SHA-256 of size and pixels.
        bits: (64,) uint8, a difference hash of 512 bits; all 0 for a constant image.
        picture: (1024,) int8, 32 x 32 thumbnail with low frequencies removed, in 32nds of its standard
            deviation.
    """

    sha256: str
    bits: Bits
    picture: npt.NDArray[np.int8]


def imprint(pixels: npt.NDArray[np.float32]) -> Imprint:
    """Compute the fingerprint of (H, W) pixels in [0, 1].

    The difference hash (N. Krawetz, 2013) compares each of 16 x 16 cells with the previous one, once along
    the rows and once along the columns; it is invariant to scaling and gamma.
    """
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    coarse = pixels if max(pixels.shape) <= _COARSE else reduced(pixels, _COARSE, _COARSE)
    across, down = reduced(coarse, _SIDE, _SIDE + 1), reduced(coarse, _SIDE + 1, _SIDE)
    bits = np.concatenate([np.diff(across, axis=0).ravel() > 0, np.diff(down, axis=1).ravel() > 0])
    picture = reduced(coarse, _PICTURE, _PICTURE)
    picture = picture - ndimage.gaussian_filter(picture, _PICTURE / 8)
    picture -= picture.mean()
    scaled = np.rint(picture / max(float(picture.std()), 1e-6) * _LEVELS)
    return Imprint(digest.hexdigest(), np.packbits(bits), np.clip(scaled, -127, 127).astype(np.int8).ravel())


class Alike(NamedTuple):
    """A pair of near-duplicates: their indices, Hamming distance of 512 bits, and correlation.

    The correlation is negative where one image is the negative of the other.
    """

    first: int
    second: int
    bits: int
    correlation: float


def near_copies(bits: Bits, pictures: npt.NDArray[np.int8]) -> Iterator[Alike]:
    """Yield every pair with at most 64 differing bits and a correlation of 0.95 or more, block by block.

    For at most 24 differing bits a correlation of 0.85 suffices: the same film digitised twice, once with its
    contrast stretched. Negatives are compared in the same way. All pairs are compared: 100,000 images are
    5 x 10^9 pairs, which takes minutes of matrix products in bounded memory.

    Args:
        bits: (N, 64) uint8.
        pictures: (N, 1024) int8.
    """
    least = BITS - 2 * MOST_BITS
    for rows in range(0, len(bits), _ROWS):
        some = _signs(bits[rows : rows + _ROWS])
        for columns in range(rows - rows % _COLUMNS, len(bits), _COLUMNS):
            others = _signs(bits[columns : columns + _COLUMNS])
            agreement = some @ others.T  # 512 for equal hashes, -512 for those of negatives
            for row, column in zip(*np.nonzero(np.abs(agreement) >= least), strict=True):
                first, second = rows + int(row), columns + int(column)
                if first < second:
                    correlation = _correlation(pictures[first], pictures[second])
                    differing = (BITS - abs(int(agreement[row, column]))) // 2
                    least_correlation = (
                        LEAST_CORRELATION_OF_FEW if differing <= FEW_BITS else LEAST_CORRELATION
                    )
                    if abs(correlation) >= least_correlation and correlation * agreement[row, column] > 0:
                        yield Alike(first, second, differing, correlation)


def equal(values: Sequence[str | None]) -> list[list[int]]:
    """Return the indices of equal values, in groups of two or more; ``None`` equals nothing."""
    places: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if value is not None:
            places.setdefault(value, []).append(place)
    return [found for found in places.values() if len(found) > 1]


def _signs(bits: Bits) -> npt.NDArray[np.float32]:
    """Map bits to -1 and 1, so that dot products count equal bits."""
    return np.unpackbits(bits, axis=1).astype(np.float32) * 2 - 1


def _correlation(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    one, other = first.astype(np.float64), second.astype(np.float64)
    norm = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / norm if norm else 0.0
