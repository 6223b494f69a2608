"""`cxrtk runs`: the training runs, their state and their results."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated, Any

import typer

from cxrtk.cli.tables import print_json, print_table

COLUMNS = ("number", "run", "status", "epochs", "metric", "best", "epoch", "test", "truth", "started")


def runs(
    output_dir: Annotated[Path, typer.Argument(help="Folder of the runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List runs with their best validation metric and, where it was read, their test.

    A run is running, complete, stopped (by a signal), failed (by an error), or interrupted: killed.
    """
    from cxrtk.errors import ConfigError
    from cxrtk.training import record

    if not output_dir.is_dir():
        raise ConfigError(f"{output_dir.resolve()}: no such folder; name that of the runs.")
    rows = [describe(folder, about) for folder, about in record.runs(output_dir)]
    if json:
        print_json(rows)
    else:
        print_table([{column: _text(row[column]) for column in COLUMNS} for row in rows], COLUMNS)


def describe(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Make the row of a run, from its record, its lock and its test result."""
    from cxrtk.process import lock

    status = about.get("status", "")
    if status == "running" and not lock.is_locked(folder):
        status = "interrupted"
    test = _test(folder)
    metric = about.get("key_metric")
    return {
        "number": about.get("number"),
        "run": folder.name,
        "status": status,
        "reason": about.get("reason"),
        "epochs": f"{about.get('epoch', 0)}/{about.get('max_epochs', '?')}",
        "metric": metric,
        "best": about.get("best_metric"),
        "epoch": about.get("best_epoch"),
        "test": test.get("metrics", {}).get(metric),
        "truth": test.get("truth") or about.get("settings", {}).get("labels"),
        "started": about.get("started"),
    }


def _test(folder: Path) -> dict[str, Any]:
    from cxrtk.errors import ConfigError

    path = folder / "test_metrics.json"
    if not path.is_file():
        return {}
    try:
        loaded: dict[str, Any] = json_format.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return loaded


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
