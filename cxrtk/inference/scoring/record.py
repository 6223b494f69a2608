"""The record of an evaluation: its predictions, ground truth and options, and warnings for the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk import __version__
from cxrtk.evaluation.table import Case
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import Predictions
from cxrtk.models.membership import SplitMembership, leakage_warnings
from cxrtk.process.command import command_words
from cxrtk.process.machine import versions
from cxrtk.wording import counted


def about(
    predictions: Predictions,
    data: DataSet,
    options: EvaluationOptions,
    columns: Sequence[str],
    chosen: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe an evaluation in JSON values.

    Args:
        predictions: Predictions that were evaluated.
        data: Data set with the ground truth.
        options: Options of the evaluation.
        columns: Columns by which the results are grouped.
        chosen: Selection of the images, as `EvaluateStep.choose` attaches it to each item.
    """
    return {
        "cxrtk": __version__,
        "command": command_words(),
        "versions": versions(),
        "predictions": dict(predictions.about),
        "dataset": {
            "name": data.path.resolve().name,
            "path": str(data.path.resolve()),
            "reader": data.reader,
            "arguments": dict(data.arguments),
            "truth_generator": data.generator_name,
            "unlabelled": chosen["unlabelled"],
        },
        "split": {
            "part": chosen["split"],
            "files": [str(each) for each in predictions.splits if each is not None],
            "every_image": chosen["chosen"] == chosen["images"],
        },
        "resolution": "original size",
        "metric_settings": dict(options.settings),
        "bootstrap": {"resamples": options.resamples, "seed": options.seed, "by": "patient"},
        "by": list(columns),
    }


def warnings(
    predictions: Predictions, cases: Sequence[Case], unread: int, chosen: Mapping[str, Any]
) -> list[str]:
    """Return warnings about the reliability of the results, one sentence each.

    Args:
        predictions: Predictions that were evaluated.
        cases: Evaluated images, at least one.
        unread: Number of images that could not be evaluated.
        chosen: Selection of the images, as for `about`.
    """
    said = []
    if predictions.learned:
        split = Path() if chosen["split_file"] else None  # only its presence matters
        said += leakage_warnings(
            [case.part for case in cases], SplitMembership(split, certain=chosen["certain"])
        )
    first = cases[0]
    if first.truth == "generated":
        said.append(
            "The ground truth was made by thresholds: these numbers measure agreement with the thresholds, "
            "not with the lungs."
        )
    if first.truth == "model":
        said.append("The ground truth was made by a model, not by humans.")
    if first.heart == "unknown" and first.truth == "human":
        said.append(
            "It is not stated whether these masks run through the heart; lungs without it were compared. "
            "State it with --set reader#heart=excluded or included."
        )
    if unread:
        said.append(f"Excluded from all numbers: {counted(unread, 'image')} that could not be read.")
    if chosen["unlabelled"]:
        bare = counted(chosen["unlabelled"], "image")
        said.append(f"Excluded from all numbers: {bare} of the data set without a mask.")
    if predictions.fold_of is not None and chosen["chosen"] < chosen["images"]:
        missing = chosen["images"] - chosen["chosen"]
        said.append(
            f"{missing} of {chosen['images']} images are tested by none of these runs; they are left out."
        )
    return said
