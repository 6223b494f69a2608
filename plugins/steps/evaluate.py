"""Step of `cxrtk evaluate`: predictions scored against the masks of a data set."""

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
    class_numbers: Sequence[int] = (),
    backend: str = "",
    precision: str = "",
) -> Step:
    """Evaluate one of `model`, `folds`, `predictions` and `masks` at the images' original size.

    Args:
        dataset_dir: Folder of the data set, which is also the input of the pass.
        reader: Name of the reader plugin.
        reader_arguments: Arguments of the reader.
        model: Name or path of a model, as for `cxrtk.load_model`.
        folds: Runs of a cross-validation; each image is evaluated with the run that has it in its test part.
        predictions: Folder of masks, made by any tool.
        masks: Name of a mask generator.
        masks_arguments: Arguments of the mask generator.
        truth: Mask generator to use as ground truth; empty for the data set's own masks.
        truth_arguments: Arguments of that generator.
        metrics: Arguments of each metric by name; ``None`` for all available metrics.
        split: Part to evaluate, ``auto``, ``test``, ``validation``, ``train`` or ``all``.
        splits: Path of a ``splits.json`` that replaces the one beside the model.
        by: Columns by which the results are grouped.
        lungs: Outputs of the model to merge into lungs; empty to choose them by the heart convention of the
            truth.
        threshold: Probability threshold of a class; ``None`` for the model's own. For files in `predictions`
            it is a fraction of their range; ``None`` if they are masks.
        postprocess: Keep one region per lung and fill its holes.
        device: Device of the model, ``cpu``, ``cuda`` or ``cuda:1``.
        write_masks: Write the predicted masks.
        seed: Seed of the bootstrap.
        class_numbers: Numbers that are lungs, if `predictions` holds class maps.
        backend: Backend for models, ``auto``, ``torch``, ``openvino`` or ``onnxruntime``; empty for the
            environment variable ``CXRTK_BACKEND``, or ``auto``.
        precision: Precision of models, ``auto``, ``fp32`` or ``bf16``; empty for ``CXRTK_PRECISION``, or
            ``auto``.

    Raises:
        ConfigError: No prediction source or more than one is given, or an argument is out of range.
        PluginNotFound: A generator or metric does not exist.
    """
    how = inference.LungSettings(device, threshold, postprocess, lungs, backend, precision)
    found = inference.predictions_of(
        how,
        model=model,
        folds=folds,
        folder=predictions,
        generator=masks,
        arguments=masks_arguments,
        splits=splits,
        class_numbers=class_numbers,
    )
    data = inference.DataSet.of(dataset_dir, reader, reader_arguments or {}, truth, truth_arguments)
    settings = {f"{name}#{key}": value for name, own in (metrics or {}).items() for key, value in own.items()}
    options = inference.EvaluationOptions(split, by, write_masks, seed=seed, settings=settings)
    return inference.EvaluateStep(found, data, evaluation.metrics_of(metrics), options)
