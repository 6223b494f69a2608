"""Images on which a model should fail, made from images with ground truth, to fit the quality flag.

They share nothing with the corruptions on which the flag is evaluated (`benchmarks/corruptions.py`), which
are implemented separately, with fixed severities.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from monai.transforms import (
    Compose,
    RandAdjustContrastd,
    RandAffined,
    RandBiasFieldd,
    RandGaussianNoised,
    RandGaussianSmoothd,
    RandHistogramShiftd,
)

from cxrtk.data import (
    RandCollimationd,
    RandForeignObjectsd,
    RandJpegd,
    RandNegatived,
    RandOpacityd,
)
from cxrtk.inference.quality.spoil import zoomed

Picture = npt.NDArray[np.float32]
BOTH = ("image", "label")
PIECES = 4  # pieces per side of an image that is cut up


def distortions(seed: int, size: int, lungs: Sequence[int]) -> Compose:
    """Return random distortions of ``image`` (1, S, S) and ``label`` (C, S, S), from slight to severe.

    Geometric distortions are applied to both; the label is -1 where it becomes unknown.

    Args:
        seed: Seed of all random draws.
        size: Image size S.
        lungs: Indices of the label's classes that are lungs.
    """
    chance = Compose(
        [
            RandAffined(
                BOTH,
                prob=0.5,
                rotate_range=1.0,
                shear_range=0.2,
                scale_range=((-0.6, 1.0), (-0.6, 1.0)),
                translate_range=0.25 * size,
                mode=("bilinear", "nearest"),
                padding_mode="zeros",
            ),
            RandOpacityd("image", lungs=lungs, prob=0.4),
            RandOpacityd("image", lungs=lungs, prob=0.2),
            RandBiasFieldd("image", prob=0.2, degree=2, coeff_range=(0.2, 0.9)),
            RandAdjustContrastd("image", prob=0.4, gamma=(0.15, 6.0)),
            RandHistogramShiftd("image", prob=0.2, num_control_points=(3, 5)),
            RandForeignObjectsd("image", prob=0.3, most=12),
            RandGaussianSmoothd("image", prob=0.25, sigma_x=(1.0, 10.0), sigma_y=(1.0, 10.0)),
            RandGaussianNoised("image", prob=0.3, std=0.5),
            RandJpegd("image", prob=0.1, quality=(1, 10)),
            RandCollimationd("image", prob=0.3, most=0.45),
            RandNegatived("image", prob=0.15),
        ]
    )
    chance.set_random_state(seed)
    return chance


def strangers(image: Picture, rng: np.random.Generator) -> dict[str, Picture]:
    """Return (S, S) images in [0, 1] without two upright lungs, keyed by the kind of manipulation.

    Their histograms, edges or textures are those of a radiograph; their content is not.
    """
    side = image.shape[0]
    half = image[:, : side // 2]
    middle = np.s_[side // 4 : side // 4 + side // 2]
    turns = 1 if rng.random() < 0.5 else 3
    return {
        "lying": np.rot90(image, turns).copy(),
        "upside down": image[::-1].copy(),
        "cut up": _cut_up(image, rng),
        "one half": zoomed(half if rng.random() < 0.5 else image[:, side // 2 :], side),
        "a detail": zoomed(image[middle if rng.random() < 0.5 else np.s_[: side // 2], middle], side),
        "clouds": _clouds(image, rng),
    }


def _cut_up(image: Picture, rng: np.random.Generator) -> Picture:
    """Cut the image into pieces, shuffle them and rotate some."""
    side = image.shape[0] // PIECES
    pieces = [
        image[row * side : (row + 1) * side, column * side : (column + 1) * side]
        for row in range(PIECES)
        for column in range(PIECES)
    ]
    mixed = [np.rot90(pieces[index], int(rng.integers(4))) for index in rng.permutation(len(pieces))]
    rows = [np.hstack(mixed[start : start + PIECES]) for start in range(0, len(mixed), PIECES)]
    return np.ascontiguousarray(np.vstack(rows))


def _clouds(image: Picture, rng: np.random.Generator) -> Picture:
    """Return noise with the power spectrum of photographs and the grey levels of the image."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(image.shape[0]), np.fft.fftfreq(image.shape[1])))
    frequency[0, 0] = np.inf
    spectrum = np.fft.fft2(rng.standard_normal(image.shape)) / frequency ** rng.uniform(0.8, 1.8)
    noise = np.fft.ifft2(spectrum).real
    values = np.sort(image.ravel())
    ranks = np.empty(noise.size, np.int64)
    ranks[np.argsort(noise.ravel())] = np.arange(noise.size)
    return np.asarray(values[ranks].reshape(image.shape), np.float32)


def distorted(
    image: Picture, classes: npt.NDArray[np.int8], change: Callable[[Mapping[Hashable, Any]], Any]
) -> tuple[Picture, npt.NDArray[np.int8]]:
    """Apply one random draw of `distortions` to an image (S, S) in [0, 1] and its classes (C, S, S)."""
    item = change({"image": image[None].copy(), "label": classes.astype(np.float32)})
    picture = np.clip(np.asarray(item["image"], np.float32)[0], 0.0, 1.0)
    return np.ascontiguousarray(picture), np.rint(np.asarray(item["label"])).astype(np.int8)
