"""The data that a run was trained on, found again from its folder; of its config nothing is evaluated."""

from __future__ import annotations

from pathlib import Path

from cxrtk.api import Reader
from cxrtk.data.datalist import DataLists
from cxrtk.errors import ConfigError, DataError
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.models.run_config import RunConfig
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
    root = dataset_dir or str(RunConfig(folder).values.get("dataset_dir", ""))
    if not root:
        raise ConfigError(f"{folder}: was trained on the built-in sample; name data by --dataset_dir.")
    config = RunConfig(folder, {"data_root": root})
    reader: Reader = readers.create(**config.arguments("reader", CREATE))
    return reader, DataLists(reader, str(config.get("labels")), split_file=str(folder / "splits.json"))


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
    about = record.read(folder)
    path = Path(dataset_dir) if dataset_dir else record.dataset_dir(folder)
    if path is None:
        raise ConfigError(f"{folder}: nothing says where its data lay.")
    if not path.is_dir():
        raise DataError(f"{path.resolve()}: no such folder, in which the data of {folder} lay.")
    config = RunConfig(folder, {"data_root": str(path)})
    arguments = config.arguments("reader", CREATE)
    reader = arguments.pop("name")
    if not str((about.get("settings") or {}).get("labels", "")).startswith("generated"):
        return DataSet(path, reader, arguments)
    made = config.arguments("mask_generator", CREATE_MASKS)
    return DataSet(path, reader, arguments, masks.create(**made), made.pop("name"), made)
