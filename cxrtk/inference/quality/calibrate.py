"""Calibration of a trained network: temperatures per class, and the parameters of the quality flag."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from cxrtk.api import Label, Reader
from cxrtk.classes import WITH_HEART, lung_indices
from cxrtk.data.partial import known_classes
from cxrtk.errors import DataError
from cxrtk.explain.layers import deepest_layer
from cxrtk.inference.quality.fit import fit_flag_rule, goodness
from cxrtk.inference.quality.signs import Distance, shape_of, signs
from cxrtk.inference.quality.spoil import KINDS, spoiled
from cxrtk.inference.quality.stress import distorted, distortions, strangers
from cxrtk.inference.quality.temperature import LogitCounts
from cxrtk.models.model_file import Model, require_masks
from cxrtk.models.postprocess import binary, clean
from cxrtk.models.predictor import CENTRE, SPREAD, Predictor, combined
from cxrtk.models.shrink import shrink

AXES = {"appearance": 32, "shape": 8}
FOLDS = 5  # distances of training images are computed from the other folds
DISTORTED = 1  # random distortions per image
SPOILED = 3  # of the kinds of `cxrtk.inference.quality.spoil`, per image; one more is spoiled and distorted
STRANGERS_EVERY = 4  # strangers are made of one image in this many
BATCH = 8
LEAST_LUNG = 0.02  # fraction of an image; if the lungs cover less, no mask of it is good

Picture = npt.NDArray[np.float32]
Classes = npt.NDArray[np.int8]
T = TypeVar("T")
Progress = Callable[[Sequence[T], str], Iterable[T]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class GridImage:
    """An image at the network's size, (S, S) in [0, 1], and its (C, S, S) classes: 1, 0 and -1 (unknown)."""

    image: Picture
    classes: Classes


@dataclass(frozen=True)
class Observation:
    """Results of a model on one image: signs other than distances, the data the distances need, and Dice."""

    signs: Mapping[str, float]
    features: npt.NDArray[np.float32]
    outline: list[float]
    dice: float


def calibrate(
    model: Model,
    reader: Reader,
    train: Sequence[Mapping[str, Any]],
    validation: Sequence[Mapping[str, Any]],
    *,
    seed: int = 0,
    progress: Progress[Any] = lambda steps, _: steps,
) -> tuple[Model, dict[str, dict[str, float]]]:
    """Fit the temperatures on the validation images and the quality flag on training and validation images.

    Args:
        model: Network trained on `train`, without temperatures.
        reader: Reader of the images and labels.
        train: Entries ``{"image": path, "label": the reader's item}`` as `cxrtk.data.DataLists` gives them.
        validation: Entries of the same form.
        seed: Seed of the distortions.
        progress: Wraps the iterables of long-running stages; called with the iterable and the name of the
            stage.

    Returns:
        The model with a new description, and for each class ``temperature``, ``ece_before`` and ``ece_after``
        on the validation images. ``ece_after`` is optimistic, since the temperatures were fitted on these
        images.

    Raises:
        ConfigError: The model is no segmentation model.
        DataError: An entry has no label, or there are too few images.
    """
    require_masks(model.spec)
    size, classes = model.spec.image_size, model.spec.classes
    seen = [load(reader, entry, size, classes) for entry in progress(train, "reading")]
    unseen = [load(reader, entry, size, classes) for entry in progress(validation, "reading")]
    temperatures, errors = fit_temperatures(model, unseen)
    model = replace(model, spec=replace(model.spec, temperature=temperatures))
    layer = deepest_layer(model.network, model.spec.in_channels, size)
    quality = fit_quality(Predictor(model, layer=layer), layer, seen, unseen, seed=seed, progress=progress)
    return replace(model, spec=replace(model.spec, quality=quality)), errors


def load(reader: Reader, entry: Mapping[str, Any], size: int, classes: Sequence[str]) -> GridImage:
    """Read an image and its label, resampled to the network's size."""
    label = reader.read_label(entry["label"])
    if label is None:
        raise DataError(f"{entry['image']}: has no mask; calibrate on images with masks.")
    pixels = reader.read(entry["image"]).pixels
    low, high = np.percentile(pixels, (1, 99))
    stretched = torch.from_numpy(np.clip((pixels - low) / max(float(high - low), 1e-6), 0, 1)).float()
    values = torch.from_numpy(_values(label, classes).astype(np.float32))[None]
    resized = nn.functional.interpolate(values, (size, size), mode="nearest-exact")[0].numpy()
    return GridImage(shrink(stretched[None], size)[0].numpy(), resized.astype(np.int8))


def _values(label: Label, classes: Sequence[str]) -> Classes:
    if tuple(classes) == ("lungs",):
        return label.lungs().astype(np.int8)[None]
    return known_classes(label)


def fit_temperatures(
    model: Model, images: Sequence[GridImage]
) -> tuple[tuple[float, ...], dict[str, dict[str, float]]]:
    """Fit one temperature per class; see `cxrtk.inference.quality.temperature`."""
    counts = LogitCounts(len(model.spec.classes))
    predictor = Predictor(replace(model, spec=replace(model.spec, temperature=())))
    for batch in _batches(images, BATCH):
        prepared = torch.stack([torch.from_numpy(known.image)[None] for known in batch])
        logits = predictor.logits((prepared - CENTRE) / SPREAD).cpu().numpy()
        for values, known in zip(logits, batch, strict=True):
            counts.add(values, known.classes)
    found = tuple(counts.temperature(number) for number in range(len(model.spec.classes)))
    errors = {
        name: {
            "temperature": found[number],
            "ece_before": round(counts.calibration_error(number), 5),
            "ece_after": round(counts.calibration_error(number, found[number]), 5),
        }
        for number, name in enumerate(model.spec.classes)
    }
    return found, errors


def fit_quality(
    predictor: Predictor,
    layer: str,
    seen: Sequence[GridImage],
    unseen: Sequence[GridImage],
    *,
    seed: int,
    progress: Progress[Any] = lambda steps, _: steps,
) -> dict[str, Any]:
    """Fit the ``quality`` entry of a model's description; see `cxrtk.inference.quality.flag.Assessor`."""
    rng = np.random.default_rng(seed)
    clean_looks = list(_observed(predictor, list(progress(seen, "as they are"))))
    kept_looks = list(_observed(predictor, list(progress(unseen, "as they are"))))
    change = distortions(seed, predictor.model.spec.image_size, lung_indices(predictor.model.spec.classes))
    worse: list[tuple[int, Observation]] = []
    for number, known in enumerate(progress([*seen, *unseen], "distorted")):
        drawn = [GridImage(*distorted(known.image, known.classes, change)) for _ in range(DISTORTED)]
        kinds = [str(kind) for kind in rng.choice(list(KINDS), SPOILED, replace=False)]
        drawn += [GridImage(*spoiled(kind, known.image, known.classes, rng)) for kind in kinds]
        drawn.append(GridImage(*spoiled(kinds[0], drawn[0].image, drawn[0].classes, rng)))
        if number % STRANGERS_EVERY == 0:
            nothing = np.zeros_like(known.classes)
            drawn += [GridImage(picture, nothing) for picture in strangers(known.image, rng).values()]
        worse += [(number, look) for look in _observed(predictor, drawn)]

    folds = rng.integers(FOLDS, size=len(seen) + len(unseen))
    folds[len(seen) :] = FOLDS  # no distance was fitted on the unseen images
    distances = [
        _distances([look for look, of in zip(clean_looks, folds[: len(seen)], strict=True) if of != fold])
        for fold in range(FOLDS + 1)  # the last one leaves no fold out
    ]

    def whole(look: Observation, number: int) -> dict[str, float]:
        by = distances[folds[number]]
        return {
            **look.signs,
            "shape": Distance(**by["shape"])(look.outline),
            "appearance": Distance(**by["appearance"])(look.features),
        }

    usual = [whole(look, number) for number, look in enumerate(clean_looks)]
    kept = [whole(look, len(seen) + number) for number, look in enumerate(kept_looks)]
    others = [whole(look, number) for number, look in worse]
    good = goodness([look.dice for look in (*clean_looks, *kept_looks, *(look for _, look in worse))])
    rule = fit_flag_rule(
        usual,
        [*usual, *kept, *others],
        good,
        [row for row, fine in zip([*usual, *kept], good[: len(folds)] >= 0.5, strict=True) if fine],
    )
    final = distances[-1]
    return {**rule, "shape": final["shape"], "appearance": {"layer": layer, **final["appearance"]}}


def _distances(looks: Sequence[Observation]) -> dict[str, Any]:
    return {
        "shape": Distance.fit(np.array([look.outline for look in looks]), AXES["shape"]),
        "appearance": Distance.fit(np.array([look.features for look in looks]), AXES["appearance"]),
    }


def _observed(predictor: Predictor, images: Sequence[GridImage]) -> Iterator[Observation]:
    spec = predictor.model.spec
    for batch in _batches(images, BATCH):
        views, features = predictor.views([known.image for known in batch])
        assert features is not None
        for number, known in enumerate(batch):
            probabilities = views[:, number].numpy()
            masks = clean(binary(combined(probabilities), spec.classes, spec.threshold), spec.classes)
            yield Observation(
                signs(probabilities, spec.classes, spec.threshold, known.image),
                features[number].numpy(),
                shape_of(masks),
                lung_dice(masks, known.classes, spec.classes),
            )


def lung_dice(masks: npt.NDArray[np.uint8], truth: Classes, classes: Sequence[str]) -> float:
    """Dice of the lungs, if the label has both sides or lungs with the heart; 0 if no lungs were found."""
    lungs = lung_indices(classes)
    if (truth[lungs] < 0).any():
        lungs = [list(classes).index(WITH_HEART)]
    said, true = masks[lungs].max(axis=0) > 0, truth[lungs].max(axis=0) > 0
    if true.mean() < LEAST_LUNG:
        return 0.0
    return float(2 * (said & true).sum() / max(int(said.sum() + true.sum()), 1))


def _batches(images: Sequence[GridImage], size: int) -> Iterator[Sequence[GridImage]]:
    for start in range(0, len(images), size):
        yield images[start : start + size]
