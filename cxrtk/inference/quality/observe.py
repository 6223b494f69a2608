"""Images with ground truth on a network's grid, and the results of a model on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from cxrtk.api import Label, Reader
from cxrtk.cardiothoracic import cardiothoracic_ratio
from cxrtk.classes import HEART, LUNGS, WITH_HEART, lung_indices
from cxrtk.data.partial import known_classes
from cxrtk.errors import DataError
from cxrtk.inference.quality.overlap import dice
from cxrtk.inference.quality.signs import shape_of, signs
from cxrtk.models.postprocess import binary, clean
from cxrtk.models.predictor import Predictor
from cxrtk.models.shrink import shrink
from cxrtk.models.views import combined

BATCH = 8
LEAST_LUNG = 0.02  # fraction of an image; if the lungs cover less, no mask of it is good

Masks = npt.NDArray[np.uint8]
Classes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class GridImage:
    """An image at the network's size, with its classes.

    Attributes:
        image: (S, S) in [0, 1].
        classes: (C, S, S): 1, 0 and -1 (unknown).
        patient: The reader's key of the patient; empty if it is unknown.
    """

    image: npt.NDArray[np.float32]
    classes: Classes
    patient: str = ""


@dataclass(frozen=True)
class Observation:
    """Results of a model on one image.

    Attributes:
        signs: All signs except the distances.
        outline: Result of `shape_of`, from which the distance is computed.
        dice: Dice of each structure; NaN where the label does not determine it.
        ratio_error: Absolute difference of the cardiothoracic ratio from that of the label; NaN without one.
    """

    signs: Mapping[str, float]
    outline: Sequence[float]
    dice: Mapping[str, float]
    ratio_error: float


def load(reader: Reader, entry: Mapping[str, Any], size: int, classes: Sequence[str]) -> GridImage:
    """Read an image and its label, resampled to the network's size.

    Raises:
        DataError: The image has no label.
    """
    label = reader.read_label(entry["label"])
    if label is None:
        raise DataError(f"{entry['image']}: has no mask; calibrate on images with masks.")
    pixels = reader.read(entry["image"]).pixels
    low, high = np.percentile(pixels, (1, 99))
    stretched = torch.from_numpy(np.clip((pixels - low) / max(float(high - low), 1e-6), 0, 1)).float()
    values = torch.from_numpy(_values(label, classes).astype(np.float32))[None]
    resized = nn.functional.interpolate(values, (size, size), mode="nearest-exact")[0].numpy()
    picture = shrink(stretched[None], size)[0].numpy()
    return GridImage(picture, resized.astype(np.int8), str(entry["label"].get("patient", "")))


def _values(label: Label, classes: Sequence[str]) -> Classes:
    if tuple(classes) == (LUNGS,):
        return label.lungs().astype(np.int8)[None]
    return known_classes(label)


def observe(predictor: Predictor, images: Sequence[GridImage]) -> Iterator[Observation]:
    """Run the model on images, and compare its masks with the ground-truth classes."""
    spec = predictor.model.spec
    for batch in batches(images, BATCH):
        views, _ = predictor.views([known.image for known in batch])
        for number, known in enumerate(batch):
            probabilities = views[:, number].numpy()
            masks = clean(binary(combined(probabilities), spec.classes, spec.threshold), spec.classes)
            yield Observation(
                signs(probabilities, spec.classes, spec.threshold, known.image),
                shape_of(masks),
                structure_dice(masks, known.classes, spec.classes),
                ratio_error(masks, known.classes, spec.classes),
            )


def structure_dice(masks: Masks, truth: Classes, classes: Sequence[str]) -> dict[str, float]:
    """Return the Dice of each available structure: both lungs, the heart, and lungs with the heart.

    Args:
        masks: (C, S, S) masks of a model.
        truth: (C, S, S) ground truth of 1, 0 and -1 (unknown).
        classes: C names.

    Returns:
        Name -> Dice: NaN where the truth is partly unknown, and 0 where the image shows no lungs.
    """
    channels = {LUNGS: lung_indices(classes)}
    channels |= {name: [list(classes).index(name)] for name in (HEART, WITH_HEART) if name in classes}
    return {name: _dice(masks[chosen], truth[chosen], name) for name, chosen in channels.items()}


def _dice(masks: Masks, truth: Classes, structure: str) -> float:
    if (truth < 0).any():
        return float("nan")
    said, true = masks.max(axis=0) > 0, truth.max(axis=0) > 0
    if not true.any() or (true.mean() < LEAST_LUNG and structure != HEART):
        return 0.0
    return dice(said, true)


def ratio_error(masks: Masks, truth: Classes, classes: Sequence[str]) -> float:
    """Return the absolute error of the cardiothoracic ratio; NaN if the masks or the truth have none."""
    known = {
        name: values.astype(np.uint8)
        for name, values in zip(classes, truth, strict=True)
        if (values >= 0).all()
    }
    found = cardiothoracic_ratio(dict(zip(classes, masks, strict=True)))
    true = cardiothoracic_ratio(known)
    return float("nan") if found is None or true is None else abs(found - true)


def batches(images: Sequence[GridImage], size: int) -> Iterator[Sequence[GridImage]]:
    """Yield consecutive groups of at most `size` images."""
    for start in range(0, len(images), size):
        yield images[start : start + size]
