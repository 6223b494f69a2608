"""The data that a run was trained on, found again from its folder; of its config nothing is evaluated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.datalist import DataLists
from cxrtk.errors import ConfigError
from cxrtk.registry import readers

CREATE = "cxrtk.readers.create"


def datalists_of_run(folder: Path, dataset_dir: str = "") -> tuple[Reader, DataLists]:
    """The reader of a run, and its train, validation and test lists as they were split.

    Args:
        folder: With ``config.json`` and ``splits.json``.
        dataset_dir: Where the data lies now; empty for where it lay then.

    Raises:
        ConfigError: There is no such run, or its reader is not stated by plain values.
        DataError: The data is not the one that was split.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder}: is no run, for which config.json would lie in it: {error}.") from error
    named = {**config, "data_root": dataset_dir or str(config.get("dataset_dir", ""))}
    if not named["data_root"]:
        raise ConfigError(f"{folder}: was trained on the built-in sample; name data by --dataset_dir.")
    definition = _plain(config.get("reader", {}), named, folder)
    if definition.pop("_target_", "") != CREATE:
        raise ConfigError(f"{folder / 'config.json'}: its reader is not made by {CREATE}.")
    reader: Reader = readers.create(**definition)
    lists = DataLists(
        reader, str(_plain(config["labels"], named, folder)), split_file=str(folder / "splits.json")
    )
    return reader, lists


def _plain(value: Any, named: Mapping[str, Any], folder: Path) -> Any:
    """A value without references; those are looked up by name."""
    if isinstance(value, dict):
        return {key: _plain(each, named, folder) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, named, folder) for each in value]
    if isinstance(value, str) and value.startswith("@") and value[1:] in named:
        return _plain(named[value[1:]], named, folder)
    if isinstance(value, str) and value[:1] in ("$", "@", "%"):
        raise ConfigError(f"{folder / 'config.json'}: its reader is computed ({value!r}), not stated.")
    return value
