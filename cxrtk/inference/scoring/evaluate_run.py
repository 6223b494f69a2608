"""Evaluation of the test images of a run, kept in the folder of the run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from cxrtk.data.digest import sha256
from cxrtk.errors import CxrError
from cxrtk.evaluation.order import metrics_of
from cxrtk.evaluation.storage import read_evaluation
from cxrtk.inference.scoring.evaluating import run
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import LungSettings, of_model
from cxrtk.inference.scoring.run_data import data_set_of_run
from cxrtk.models.find import find_model
from cxrtk.models.model_file import SEGMENTATION
from cxrtk.training.checkpoints import BEST

FOLDER = "evaluation"


def kept(folder: Path) -> Path | None:
    """Return the folder of a run's evaluation; ``None`` if the weights that the run kept have none."""
    try:
        about = read_evaluation(folder / FOLDER).about
        fresh = about["predictions"]["sha256"] == sha256(folder / BEST)
    except (CxrError, OSError, KeyError):
        return None
    return folder / FOLDER if fresh else None


def evaluate_run(
    folder: Path,
    progress: Callable[[int], Callable[[], None]],
    dataset_dir: str = "",
    device: str = "cpu",
) -> Path | None:
    """Evaluate the test part of a run with all metrics, unless this was done before.

    Args:
        folder: Folder of the run.
        progress: Called with the number of images; returns a function that is called after each image.
        dataset_dir: Current folder of the data set; empty for the folder recorded by the run.
        device: Device of the network.

    Returns:
        Folder of the evaluation; ``None`` for a classifier, which has no masks.

    Raises:
        ConfigError: The run's network, reader or mask generator cannot be created from its config.
        DataError: The data set is missing.
    """
    if (done := kept(folder)) is not None:
        return done
    if find_model(str(folder)).spec.task != SEGMENTATION:
        return None
    shutil.rmtree(folder / FOLDER, ignore_errors=True)  # evaluation of other weights, or an incomplete one
    run(
        of_model(str(folder), LungSettings(device), None),
        data_set_of_run(folder, dataset_dir),
        metrics_of(),
        folder / FOLDER,
        EvaluationOptions(split="test"),
        progress,
    )
    return folder / FOLDER
