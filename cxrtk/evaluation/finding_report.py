"""Test report of a classifier of findings: a table of images, and the AUC of each finding."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.utils.dist import evenly_divisible_all_gather, string_list_all_gather

from cxrtk.data.atomic import write_json
from cxrtk.data.table import write_lines
from cxrtk.evaluation.findings import FindingScore, Scores, mean_auc, score_findings
from cxrtk.process.group import is_first

TABLE = "findings.csv"
METRICS = "test_metrics.json"
TRUTH = "_truth"  # suffix of the label columns

logger = logging.getLogger(__name__)


class FindingReport:
    """Write ``findings.csv`` and ``test_metrics.json`` when the test engine has finished.

    Args:
        output_dir: Folder of the run.
        data: Test entries: ``image``, and ``label`` with the item's ``patient``.
        names: Names of the findings, in the order of the network's outputs.
        truth: Description of the labels.
        checkpoint: Path of the tested weights.
        resolution: Description of the network's input: its size and image region.
        seed: Seed of the bootstrap intervals.
    """

    def __init__(
        self,
        output_dir: str,
        data: Sequence[Mapping[str, Any]],
        names: Sequence[str],
        truth: str,
        checkpoint: str,
        resolution: str = "",
        seed: int = 0,
    ) -> None:
        self.output_dir = Path(output_dir)
        self.patients = {str(entry["image"]): str(entry["label"]["patient"]) for entry in data}
        self.names = tuple(names)
        self.about = {"truth": truth, "resolution": resolution, "checkpoint": checkpoint}
        self.seed = seed
        self._images: list[str] = []
        self._rows: list[tuple[Scores, Scores]] = []

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, which must output a decollated list of dicts (image, label, pred)."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._iteration)
        engine.add_event_handler(Events.COMPLETED, self._completed)

    def _start(self, _: Engine) -> None:
        self._images, self._rows = [], []

    def _iteration(self, engine: Engine) -> None:
        output: Any = engine.state.output
        for item in output:
            self._images.append(str(item["image"].meta["filename_or_obj"]))
            pred, label = (item[key].detach().cpu().numpy().astype(np.float64) for key in ("pred", "label"))
            self._rows.append((pred, label))

    def _completed(self, _: Engine) -> None:
        rows = torch.from_numpy(np.stack([np.stack(row) for row in self._rows]))  # (images, 2, findings)
        probabilities, labels = evenly_divisible_all_gather(rows, concat=True).cpu().numpy().swapaxes(0, 1)
        images = string_list_all_gather(self._images)  # images of all processes, in the order of the rows
        if not is_first():
            return
        patients = [self.patients[image] for image in images]
        write_findings(images, probabilities, labels, self.names, self.output_dir / TABLE)
        scores = score_findings(probabilities, labels, patients, self.names, seed=self.seed)
        write_metrics(scores, self.about, self.output_dir / METRICS)
        said = ", ".join(f"{score.finding} {score.auc:.3f}" for score in scores if score.auc is not None)
        logger.info(
            "Test (%d images of %d patients, against %s): mean AUC %s; %s; written to %s",
            len(patients), len(set(patients)), self.about["truth"], _number(mean_auc(scores)), said,
            self.output_dir / METRICS,
        )  # fmt: skip


def write_findings(
    images: Sequence[str], probabilities: Scores, labels: Scores, names: Sequence[str], path: Path
) -> None:
    """Write one row per image: its name, the probability of each finding, and ``<finding>_truth``."""
    columns = ["image", *names, *(f"{name}{TRUTH}" for name in names)]
    lines = (
        [Path(image).name, *(f"{value:.6f}" for value in given), *(int(value) for value in truth)]
        for image, given, truth in zip(images, probabilities, labels, strict=True)
    )
    write_lines(path, columns, lines)


def write_metrics(scores: Sequence[FindingScore], about: Mapping[str, str], path: Path) -> None:
    """Write the AUCs as JSON; findings without one are listed, and excluded from the mean."""
    metrics = {f"auc_{score.finding}": score.auc for score in scores if score.auc is not None}
    mean = mean_auc(scores)
    report = {
        "metrics": metrics if mean is None else {"mean_auc": mean, **metrics},
        "images": scores[0].images,
        **about,
        "findings": [asdict(score) for score in scores],
        "without_auc": [score.finding for score in scores if score.auc is None],
    }
    write_json(path, report, indent=2)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"
