"""The data that a run was trained on, found again from its folder; of its config nothing is evaluated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.datalist import DataLists
from cxrtk.errors import ConfigError, DataError
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.registry import masks, readers
from cxrtk.training import record

CREATE = "cxrtk.readers.create"
CREATE_MASKS = "cxrtk.masks.create"


def datalists_of_run(folder: Path, dataset_dir: str = "") -> tuple[Reader, DataLists]:
    """The reader of a run, and its train, validation and test lists as they were split.

    Args:
        folder: With ``config.json`` and ``splits.json``.
        dataset_dir: Where the data lies now; empty for where it lay then.

    Raises:
        ConfigError: There is no such run, or its reader is not stated by plain values.
        DataError: The data is not the one that was split.
    """
    config = _config(folder)
    named = {**config, "data_root": dataset_dir or str(config.get("dataset_dir", ""))}
    if not named["data_root"]:
        raise ConfigError(f"{folder}: was trained on the built-in sample; name data by --dataset_dir.")
    definition = _stated("reader", CREATE, named, folder)
    reader: Reader = readers.create(**definition)
    lists = DataLists(
        reader, str(_plain(config["labels"], named, folder)), split_file=str(folder / "splits.json")
    )
    return reader, lists


def data_set_of_run(folder: Path, dataset_dir: str = "") -> DataSet:
    """The data of a run and the truth that it was tested against, for an evaluation.

    Args:
        folder: With ``config.json`` and ``run.json``.
        dataset_dir: Where the data lies now; empty for where it lay then.

    Raises:
        ConfigError: There is no such run, its record does not say where its data lay, or its reader or mask
            generator is not stated by plain values.
        DataError: The data is not there.
    """
    config, about = _config(folder), record.read(folder)
    path = Path(dataset_dir) if dataset_dir else record.dataset_dir(folder)
    if path is None:
        raise ConfigError(f"{folder}: nothing says where its data lay.")
    if not path.is_dir():
        raise DataError(f"{path.resolve()}: no such folder, in which the data of {folder} lay.")
    named = {**config, "data_root": str(path)}
    arguments = _stated("reader", CREATE, named, folder)
    reader = arguments.pop("name")
    if not str((about.get("settings") or {}).get("labels", "")).startswith("generated"):
        return DataSet(path, reader, arguments)
    made = _stated("mask_generator", CREATE_MASKS, named, folder)
    return DataSet(path, reader, arguments, masks.create(**made), made.pop("name"), made)


def _config(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder}: is no run, for which config.json would lie in it: {error}.") from error
    return content


def _stated(part: str, target: str, named: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The arguments of a part of the config, without references."""
    definition: dict[str, Any] = _plain(named.get(part, {}), named, folder)
    if definition.pop("_target_", "") != target:
        raise ConfigError(f"{folder / 'config.json'}: its {part} is not made by {target}.")
    return definition


def _plain(value: Any, named: Mapping[str, Any], folder: Path) -> Any:
    """A value without references; those are looked up by name."""
    if isinstance(value, dict):
        return {key: _plain(each, named, folder) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, named, folder) for each in value]
    if isinstance(value, str) and value.startswith("@") and value[1:] in named:
        return _plain(named[value[1:]], named, folder)
    if isinstance(value, str) and value[:1] in ("$", "@", "%"):
        raise ConfigError(f"{folder / 'config.json'}: {value!r} is computed, not stated.")
    return value
