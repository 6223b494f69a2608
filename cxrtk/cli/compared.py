"""Display of a comparison of training runs."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrtk.cli.tables import print_json, print_table
from cxrtk.errors import ConfigError
from cxrtk.wording import distinct

if TYPE_CHECKING:
    from cxrtk.evaluation.run_comparison import Mean
    from cxrtk.evaluation.run_results import RunResult

COLUMNS = ("metric", "run", "mean", "95 % CI", "images", "difference", "its 95 % CI")


def find_runs(folders: Sequence[Path]) -> list[RunResult]:
    """Read the runs of a comparison.

    Args:
        folders: Folders of runs, or their names below ``runs``; a folder of several runs stands for them all.

    Raises:
        ConfigError: A folder is no run and holds none, or there are fewer than two runs.
    """
    from cxrtk.evaluation.run_results import read_result
    from cxrtk.training import record

    found: list[Path] = []
    for folder in folders:
        place = folder if folder.is_dir() else Path("runs") / folder
        within = [path for path, _ in record.runs(place)] if place.is_dir() else []
        if not (place / record.FILE).is_file() and not within:
            raise ConfigError(f"{folder}: is neither a run nor a folder of runs; `cxrtk runs` lists them.")
        found += [place] if (place / record.FILE).is_file() else within
    if len(found) < 2:
        raise ConfigError("Give two or more runs to compare, as in: cxrtk runs --compare runs/a runs/b.")
    names = distinct([path.name for path in found])
    return [read_result(path, name) for path, name in zip(found, names, strict=True)]


def show(runs: Sequence[RunResult], *, as_json: bool = False) -> None:
    """Print the settings that differ, and the final metrics of each run, with the difference to the first."""
    from cxrtk.evaluation.run_comparison import differing, notes, rows

    settings, table, lines = differing(runs), rows(runs), notes(runs)
    if as_json:
        print_json(
            {
                "runs": [_about(run) for run in runs],
                "settings": {
                    id: dict(zip(_names(runs), values, strict=True)) for id, values in settings.items()
                },
                "metrics": [asdict(row) for row in table],
                "notes": lines,
            }
        )
        return
    if settings:
        names = _names(runs)
        shown = [
            {"setting": id} | dict(zip(names, map(_value, each), strict=True))
            for id, each in settings.items()
        ]
        print_table(shown, ["setting", *names])
    else:
        print("All settings are the same.")
    print()
    print_table([*_best(runs), *({**_blank(), **_row(each)} for each in table)], COLUMNS)
    for line in lines:
        print(line)


def _about(run: RunResult) -> dict[str, Any]:
    keys = ("status", "epoch", "key_metric", "best_metric", "best_epoch")
    return {
        "run": run.name,
        "folder": str(run.folder),
        **{key: run.about.get(key) for key in keys},
        "truth": run.test.get("truth"),
        "images": len(run.images),
    }


def _names(runs: Sequence[RunResult]) -> list[str]:
    return [run.name for run in runs]


def _blank() -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "")


def _best(runs: Sequence[RunResult]) -> list[dict[str, str]]:
    """Rows of the best validation of each run, which has no interval."""
    return [
        {
            **_blank(),
            "metric": f"validation {run.about.get('key_metric')}",
            "run": run.name,
            "mean": f"{run.about['best_metric']:.4f}",
        }
        for run in runs
        if run.about.get("best_metric") is not None
    ]


def _row(row: Any) -> dict[str, str]:
    found = {"metric": f"test {row.metric}", "run": row.run}
    if row.test is not None:
        found |= {
            "mean": f"{row.test.mean:.4f}",
            "95 % CI": _interval(row.test),
            "images": str(row.test.images),
        }
    if row.difference is not None:
        found |= {"difference": f"{row.difference.mean:+.4f}", "its 95 % CI": _interval(row.difference, "+")}
    return found


def _interval(mean: Mean, sign: str = "") -> str:
    if mean.interval is None:
        return ""
    return " to ".join(f"{end:{sign}.4f}" for end in mean.interval)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json_format.dumps(value)
