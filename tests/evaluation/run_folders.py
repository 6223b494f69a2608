"""Folders of runs as a training leaves them, written by hand."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.training import record


def write_run(
    folder: Path,
    dice: Mapping[str, float],
    *,
    config: Mapping[str, Any] | None = None,
    patients: Mapping[str, int] | None = None,
    truth: str = "exact masks, heart excluded",
    best: float = 0.9,
    number: int = 1,
    sha: str = "0f",
) -> Path:
    """Write a complete run whose test has these values of Dice by image."""
    folder.mkdir(parents=True)
    record.begin(folder, number=number, config_name="unet_cxr", max_epochs=1, command=["cxrtk"])
    record.update(folder, {"status": "complete", "epoch": 1, "key_metric": "dice", "best_metric": best})
    (folder / "config.json").write_text(json.dumps(config or {}))
    parts = {"train": ["images/t.png"], "validation": ["images/v.png"], "test": list(dice)}
    (folder / "splits.json").write_text(json.dumps(parts))
    files = {name: {"row": "", "files": [[name, 9, 0, sha]]} for name in dice}
    (folder / "data.json").write_text(json.dumps({"columns": [], "images": files}))
    if patients is not None:
        (folder / "patients.json").write_text(json.dumps(patients))
    values = [*dice.values()]
    report = {"metrics": {"dice": sum(values) / len(values)}, "images": len(values), "truth": truth}
    (folder / "test_metrics.json").write_text(json.dumps(report))
    (folder / "test").mkdir()
    with (folder / "test" / "dice_raw.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerows([["filename", "class0", "mean"], *([f"/data/{n}", v, v] for n, v in dice.items())])
    return folder
