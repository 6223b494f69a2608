"""Evaluation of one model, mask generator or folder of masks on one data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import Predictions
from cxrtk.inference.scoring.step import EvaluateStep
from cxrtk.inference.scoring.summed import Done, read_done
from cxrtk.passes.inputs import inputs_of
from cxrtk.passes.options import Options
from cxrtk.passes.reading import read_ahead
from cxrtk.passes.walk import run as run_pass


def run(
    predictions: Predictions,
    data: DataSet,
    metrics: Mapping[str, Any],
    output: Path,
    options: EvaluationOptions,
    progress: Callable[[int], Callable[[], None]],
) -> Done:
    """Evaluate, and write ``evaluation.json``, ``cases.csv``, ``curves.npz`` and ``masks/`` into `output`.

    Args:
        predictions: Predictions to evaluate.
        data: Data set with the ground truth.
        metrics: Metrics by name.
        output: Folder for the results, without any earlier results.
        options: Options of the evaluation.
        progress: Called with the number of images; returns a function that is called after each image.

    Raises:
        ConfigError: A column or a part does not exist, the predictions follow the other heart convention, or
            the folder already holds results.
        DataError: No image has a mask, or the ground truth is of several kinds.
    """
    advance: list[Callable[[], None]] = []

    def report(count: int) -> None:
        for _ in range(count):
            advance[0]()

    step = EvaluateStep(predictions, data, metrics, options)
    files = read_ahead(str(data.path), reader=data.reader, arguments=data.arguments)
    (source,) = inputs_of([str(data.path)])
    run_pass(
        step,
        [(source, files)],
        output,
        Options(batch_size=1),
        begin=lambda total: advance.append(progress(total)),
        report=report,
    )
    return read_done(output)
