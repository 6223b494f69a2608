"""A run stays what it was: it keeps its folder while it trains, and its settings when it is resumed."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.errors import ConfigError, DataError
from cxrtk.models.run_config import CONFIG
from cxrtk.training import record

# Settings that may change on resuming; with the second group, results are no longer bit-identical.
FREE = ("command", "max_epochs", "dataset_dir")
LAST_BITS = ("num_workers", "device", "bf16", "amp")

logger = logging.getLogger(__name__)


def identity(folder: Path) -> tuple[int, ...] | None:
    """Return numbers that change if a run's folder is replaced; ``None`` if there is no folder."""
    try:
        status = folder.stat()
    except OSError:
        return None
    config = folder / CONFIG  # unchanged while the run trains
    written = config.stat().st_mtime_ns if config.is_file() else 0
    return status.st_dev, status.st_ino, written, int((folder / record.FILE).is_file())


def require_same_folder(run_dir: Path, before: tuple[int, ...] | None) -> None:
    """Check that a folder is still the one in which the training began, since another has no record.

    Args:
        run_dir: Folder of the run.
        before: Its `identity` when the training began.

    Raises:
        DataError: It was removed or exchanged.
    """
    if identity(run_dir) != before:
        raise DataError(
            f"{run_dir}: the folder of this run was removed or replaced while it trained, and what "
            "was trained cannot be saved; leave the folder in its place, and begin a new run."
        )


def plain(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the settings as plain values of JSON; others become texts."""
    loaded: dict[str, Any] = json.loads(json.dumps(dict(settings or {}), default=str))
    return loaded


def comparable(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the settings that affect the result, as plain values."""
    return {key: value for key, value in plain(settings).items() if key not in FREE}


def require_same_settings(
    run_dir: Path, before: Mapping[str, Any], settings: Mapping[str, Any] | None
) -> None:
    """Check that a run is resumed with its own settings; warn about those that change only the last bits.

    Args:
        run_dir: Folder of the run, for the messages.
        before: What `comparable` returned when the checkpoint was written.
        settings: Settings now.

    Raises:
        ConfigError: Another setting differs; the message names both values.
    """
    # Settings that a run with one process does not state.
    before, now = ({"processes": 1, **each} for each in (before, comparable(settings)))
    other = [key for key in before if key in now and before[key] != now[key]]
    for key in set(other).intersection(LAST_BITS):
        message = "%s: %s was %r and is %r: the result may differ from that of an uninterrupted run."
        logger.warning(message, run_dir, key, before[key], now[key])
    changed = [key for key in other if key not in LAST_BITS]
    if changed:
        listed = ", ".join(f"{key} was {before[key]!r} and is {now[key]!r}" for key in changed)
        raise ConfigError(f"{run_dir}: cannot continue with different settings: {listed}; start a new run.")
