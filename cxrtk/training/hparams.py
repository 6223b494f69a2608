"""Settings and final metrics of a run for TensorBoard's tab HPARAMS, in which runs are compared."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from torch.utils.tensorboard.summary import hparams, scalar
from torch.utils.tensorboard.writer import FileWriter

from cxrtk.models.run_config import CONFIG
from cxrtk.training import record
from cxrtk.training.event_files import NAME
from cxrtk.training.final_test import FILE
from cxrtk.training.flat_config import flat, is_plain

PARTS = (
    "loss_function#",
    "lr_scheduler#",
    "network_def#",
    "optimizer#",
)  # config ids by which runs are compared
LEFT_OUT = ("command", "data")  # settings that are not compared

logger = logging.getLogger(__name__)


def write_hparams(run_dir: Path) -> None:
    """Write settings and final metrics into the folder of a complete run, replacing earlier ones.

    The run's ``train`` and ``validation`` hold the curves; this file lies beside them, so that TensorBoard
    shows one row for each run. A full disk only gives a warning.

    Args:
        run_dir: Folder of the run, with ``run.json``; ``test_metrics.json`` may be missing.
    """
    metrics = final_metrics(run_dir)
    try:
        for path in run_dir.iterdir():
            if NAME.fullmatch(path.name):
                path.unlink()  # written before the run was resumed with more epochs
        writer = FileWriter(str(run_dir))
        try:
            for summary in hparams(settings(run_dir), metrics):
                writer.add_summary(summary)
            for name, value in metrics.items():
                writer.add_summary(scalar(name, value))
        finally:
            writer.close()
    except OSError as error:
        logger.warning("%s: TensorBoard's HPARAMS cannot be written (%s).", run_dir, error)


def settings(run_dir: Path) -> dict[str, Any]:
    """Return the plain settings of a run from its record and from some parts of its config."""
    known = record.read(run_dir).get("settings") or {}
    found = {name: value for name, value in known.items() if name not in LEFT_OUT and is_plain(value)}
    if (run_dir / CONFIG).is_file():
        config = flat(json.loads((run_dir / CONFIG).read_text(encoding="utf-8")))
        chosen = [id for id in config if id.startswith(PARTS) or id in ("fold", "folds")]
        found |= {id: config[id] for id in chosen if is_plain(config[id])}
    return found


def final_metrics(run_dir: Path) -> dict[str, float]:
    """Return ``test/<name>`` of the test, and ``best/<name>``, the key metric of the best validation."""
    about = record.read(run_dir)
    found = {}
    if about.get("best_metric") is not None:
        found[f"best/{about.get('key_metric')}"] = float(about["best_metric"])
    if (run_dir / FILE).is_file():
        report = json.loads((run_dir / FILE).read_text(encoding="utf-8"))
        found |= {f"test/{name}": float(value) for name, value in report["metrics"].items()}
    return found
