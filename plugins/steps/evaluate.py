"""Predictions measured against the masks of a data set: the step of `cxrtk evaluate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk import Step, evaluation, inference, steps


@steps.register("evaluate")
def evaluate(
    dataset_dir: str,
    reader: str,
    reader_arguments: Mapping[str, Any] | None = None,
    model: str = "",
    folds: Sequence[str] = (),
    predictions: str = "",
    masks: str = "",
    masks_arguments: Mapping[str, Any] | None = None,
    truth: str = "",
    truth_arguments: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Mapping[str, Any]] | None = None,
    split: str = "auto",
    splits: str = "",
    by: Sequence[str] = (),
    lungs: Sequence[str] = (),
    threshold: float | None = None,
    postprocess: bool = True,
    device: str = "cpu",
    write_masks: bool = True,
    seed: int = 0,
) -> Step:
    """Measure what one of `model`, `folds`, `predictions` and `masks` says, at the images' original size.

    Args:
        dataset_dir: Folder of the data set, which is also the input of the pass.
        reader: Name of its reader.
        reader_arguments: Of the reader.
        model: As `cxrtk.load_model` takes it.
        folds: Runs of a cross-validation: each image by the one that tested it.
        predictions: Folder of masks that any tool made.
        masks: Name of a mask generator.
        masks_arguments: Of that generator.
        truth: Name of a mask generator whose masks count as true; empty: those of the data set do.
        truth_arguments: Of that generator.
        metrics: Name -> arguments; ``None`` for all that there are.
        split: ``auto``, ``test``, ``validation``, ``train`` or ``all``.
        splits: A run's ``splits.json``, if not the one beside the model.
        by: Columns that are summed up apart.
        lungs: The model's outputs that are lungs; empty: as the truth has them.
        threshold: Probability from which a pixel counts; ``None`` for the model's own.
        postprocess: Keep one region a lung, without holes.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        write_masks: Write the predicted masks.
        seed: Of the bootstrap.

    Raises:
        ConfigError: None of the four is named, or more than one; or an argument is out of range.
        PluginNotFound: There is no such generator or metric.
    """
    how = inference.LungSettings(device, threshold, postprocess, lungs)
    found = inference.predictions_of(
        how,
        model=model,
        folds=folds,
        folder=predictions,
        generator=masks,
        arguments=masks_arguments,
        splits=splits,
    )
    data = inference.DataSet.of(dataset_dir, reader, reader_arguments or {}, truth, truth_arguments)
    settings = {f"{name}#{key}": value for name, own in (metrics or {}).items() for key, value in own.items()}
    options = inference.EvaluationOptions(split, by, write_masks, seed=seed, settings=settings)
    return inference.EvaluateStep(found, data, evaluation.metrics_of(metrics), options)
