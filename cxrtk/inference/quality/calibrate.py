"""Calibration of a trained network: temperatures per class, and the parameters of the quality flag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch

from cxrtk.api import Reader
from cxrtk.inference.quality.fit_quality import fit_quality
from cxrtk.inference.quality.observe import BATCH, GridImage, batches, load
from cxrtk.inference.quality.temperature import LogitCounts
from cxrtk.models.model_file import Model, require_masks
from cxrtk.models.predictor import Predictor
from cxrtk.models.views import CENTRE, SPREAD

T = TypeVar("T")
Progress = Callable[[Sequence[T], str], Iterable[T]]


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
    quality = fit_quality(Predictor(model), seen, unseen, seed=seed, progress=progress)
    return replace(model, spec=replace(model.spec, quality=quality)), errors


def fit_temperatures(
    model: Model, images: Sequence[GridImage]
) -> tuple[tuple[float, ...], dict[str, dict[str, float]]]:
    """Fit one temperature per class; see `cxrtk.inference.quality.temperature`."""
    counts = LogitCounts(len(model.spec.classes))
    predictor = Predictor(replace(model, spec=replace(model.spec, temperature=())))
    for batch in batches(images, BATCH):
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
