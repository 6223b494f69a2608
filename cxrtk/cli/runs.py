"""`cxrtk runs`: the training runs, their state and their results, and comparisons of them."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated, Any

import typer

from cxrtk.cli.tables import print_json, print_table

COLUMNS = ("number", "run", "status", "epochs", "metric", "best", "epoch", "test", "truth", "started")


def runs(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folder of the runs (default: runs); with --compare, runs.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Compare two or more runs: settings, metrics, differences.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List runs with their best validation metric and, if they were tested, the test results.

    The state of a run is running, complete, stopped (by a signal), failed (by an error), or
    interrupted (killed).

    cxrtk runs --compare runs/a runs/b

    compares runs by the settings that differ and by their tests, with 95 % bootstrap intervals by patient.
    If the test images are the same, the difference from the first run is paired by image. A folder of runs,
    as written by `cxrtk train --folds`, stands for all of its runs.
    """
    from cxrtk.errors import ConfigError

    if compare:
        from cxrtk.cli.compared import find_runs, show

        show(find_runs(folders or []), as_json=json)
        return
    if folders and len(folders) > 1:
        raise ConfigError("Give one folder of runs, or add --compare to compare several runs.")
    output_dir = folders[0] if folders else Path("runs")
    if not output_dir.is_dir():
        raise ConfigError(f"{output_dir.resolve()}: no such folder; give the folder of the runs.")
    rows = [describe(folder, about, folder.relative_to(output_dir)) for folder, about in _listed(output_dir)]
    if json:
        print_json(rows)
    else:
        print_table([{column: _text(row[column]) for column in COLUMNS} for row in rows], COLUMNS)


def _listed(output_dir: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the runs of a folder, and after them those in its folders of runs, such as of `--folds`."""
    from cxrtk.training import record

    nested = [path for path in sorted(output_dir.iterdir()) if path.is_dir()]
    return [*record.runs(output_dir), *(run for path in nested for run in record.runs(path))]


def describe(folder: Path, about: dict[str, Any], name: Path) -> dict[str, Any]:
    """Make the row of a run, from its record, its lock and its test result.

    Args:
        folder: Folder of the run.
        about: Its record.
        name: Its path below the folder of all runs.
    """
    from cxrtk.process import lock

    status = about.get("status", "")
    if status == "running" and not lock.is_locked(folder):
        status = "interrupted"
    test = _test(folder)
    metric = about.get("key_metric")
    return {
        "number": about.get("number"),
        "run": name.as_posix(),
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
