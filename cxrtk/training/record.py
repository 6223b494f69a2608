"""Record of a run, ``run.json`` in its folder: settings and progress. Imports neither torch nor MONAI."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import write_json
from cxrtk.errors import ConfigError
from cxrtk.process.machine import git_state, host, now, versions

FILE = "run.json"

logger = logging.getLogger(__name__)


def begin(folder: Path, *, number: int, config_name: str, max_epochs: int, command: list[str]) -> None:
    """Write the record of a new run."""
    _write(
        folder,
        {
            "number": number,
            "config_name": config_name,
            "status": "running",
            "started": now(),
            "max_epochs": max_epochs,
            "commands": [command],
            "working_directory": str(Path.cwd()),
            "versions": versions(),
            "git": git_state(Path(__file__).parent),
            "host": host(),
        },
    )


def read(folder: Path) -> dict[str, Any]:
    """Read the record of a run.

    Raises:
        ConfigError: The folder is not a run, or its record cannot be read.
    """
    path = folder / FILE
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{folder}: is not a run of cxrtk, it has no {FILE}.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path}: is not a run record.")
    return loaded


def update(folder: Path, changes: Mapping[str, Any]) -> None:
    """Update entries of the record."""
    _write(folder, {**read(folder), **changes, "updated": now()})


def runs(output_dir: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return (folder, record) of each run under `output_dir`, in the order of their starts.

    The order follows the run numbers, not a clock that may have been set back. A run with an unreadable
    record is skipped with a warning.
    """
    found = []
    for path in output_dir.glob(f"*/{FILE}"):
        try:
            found.append((path.parent, read(path.parent)))
        except ConfigError as error:
            logger.warning("%s It is ignored.", error)
    return sorted(found, key=lambda run: (run[1].get("number", 0), run[0].name))


def _write(folder: Path, content: Mapping[str, Any]) -> None:
    write_json(folder / FILE, content, indent=2, durable=True)


def dataset_dir(folder: Path) -> Path | None:
    """Return the data folder of a run; ``None`` where its record does not state it."""
    try:
        known = read(folder)
        return Path(known.get("working_directory", "."), known["settings"]["dataset_dir"])
    except (ConfigError, KeyError, TypeError):
        return None
