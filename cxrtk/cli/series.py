"""Training of several runs by one command, which goes on where it stopped and ends in a table."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from cxrtk.cli.tables import print_table
from cxrtk.training.series import Planned, is_complete, merged

NOT_FINITE = 4  # exit code of a run whose loss or metric is not finite: the others may still succeed

Run = Callable[[Mapping[str, Any]], None]

logger = logging.getLogger(__name__)


def train_all(files: Sequence[Path], plan: Sequence[Planned], folder: Path, run: Run) -> int:
    """Train the runs of a series one after another; complete ones are skipped.

    Args:
        files: Config files.
        plan: The runs.
        folder: Folder of all of them.
        run: Trains one, from its settings.

    Returns:
        The exit code: 0, or 4 where the loss or metric of a run was not finite.

    Raises:
        ConfigError: A run was begun with other settings; nothing has been trained by then.
        typer.Exit: A run failed by another error, which ends the series.
    """
    from cxrtk.training.resuming import Series

    Series.runs = True
    done = [is_complete(folder / each.name, merged(files, each.settings)) for each in plan]
    code = 0
    for number, (each, complete) in enumerate(zip(plan, done, strict=True), start=1):
        state = "is complete" if complete else "begins" if not (folder / each.name).exists() else "goes on"
        logger.info("Run %d of %d, %s, %s.", number, len(plan), each.name, state)
        if not complete:
            code = max(code, _train(each, folder, run))
            gc.collect()  # images and weights of the run
    return code


def _train(each: Planned, folder: Path, run: Run) -> int:
    from cxrtk.process import lock
    from cxrtk.process.failures import report
    from cxrtk.process.signals import guard_signals
    from cxrtk.process.work import Current
    from cxrtk.training import record

    guard_signals()
    place = folder / each.name
    settings = {**each.settings, "output_dir": str(folder), "run_name": each.name}
    if (place / record.FILE).is_file():
        settings["resume_from"] = str(place)
    try:
        run(settings)
    except Exception as error:  # converted to a line and an exit code, as for a single run
        code = report(error)
        if code != NOT_FINITE:
            raise typer.Exit(code) from error
        lock.release(place)
        Current.work = None
        return code
    return 0


def show_folds(folder: Path, plan: Sequence[Planned]) -> None:
    """Print the test of each fold, with mean and standard deviation, and write them to ``summary.json``."""
    from cxrtk.evaluation.fold_summary import summarise
    from cxrtk.evaluation.run_results import read_result

    summary = summarise([read_result(folder / each.name) for each in plan])
    summary.write(folder)
    columns = ["fold", *summary.mean, "images"]
    rows = [
        {"fold": name, "images": str(summary.images[name])}
        | {key: f"{value:.4f}" for key, value in found.items()}
        for name, found in summary.folds.items()
    ]
    for name, values in (("mean", summary.mean), ("SD", summary.sd)):
        shown = {key: "" if value is None else f"{value:.4f}" for key, value in values.items()}
        images = str(sum(summary.images.values())) if name == "mean" else ""
        rows.append({"fold": name, "images": images, **shown})
    print_table(rows, columns)
    if summary.untested:
        print(f"Not tested, and therefore excluded from the numbers: {', '.join(summary.untested)}.")
    print(f"More metrics, with intervals: cxrtk evaluate --folds {folder} --dataset-dir DIR -o OUT")


def show_sweep(folder: Path, plan: Sequence[Planned]) -> None:
    """Print the comparison of the runs, as of `cxrtk runs --compare`."""
    from cxrtk.cli.compared import show
    from cxrtk.evaluation.run_results import read_result

    show([read_result(folder / each.name) for each in plan])
