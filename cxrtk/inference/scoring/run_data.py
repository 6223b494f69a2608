"""The data set of a training run, restored from its folder without evaluating its config."""

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
    """Restore the reader of a run, and its training, validation and test lists.

    Args:
        folder: Folder of the run, with ``config.json`` and ``splits.json``.
        dataset_dir: Current folder of the data set; empty for the folder recorded by the run.

    Raises:
        ConfigError: The run does not exist, or the arguments of its reader are not plain values.
        DataError: The data differs from the data that was split.
    """
    root = dataset_dir or str(RunConfig(folder).values.get("dataset_dir", ""))
    if not root:
        raise ConfigError(f"{folder}: was trained on the built-in sample; name data by --dataset_dir.")
    config = RunConfig(folder, {"data_root": root})
    reader: Reader = readers.create(**config.arguments("reader", CREATE))
    return reader, DataLists(reader, str(config.get("labels")), split_file=str(folder / "splits.json"))


def data_set_of_run(folder: Path, dataset_dir: str = "") -> DataSet:
    """Restore the data set of a run and the ground truth of its test, for an evaluation.

    Args:
        folder: Folder of the run, with ``config.json`` and ``run.json``.
        dataset_dir: Current folder of the data set; empty for the folder recorded by the run.

    Raises:
        ConfigError: The run does not exist, its record lacks the folder of its data, or the arguments of its
            reader or mask generator are not plain values.
        DataError: The data set is missing.
    """
    about = record.read(folder)
    path = Path(dataset_dir) if dataset_dir else record.dataset_dir(folder)
    if path is None:
        raise ConfigError(f"{folder}: it is not recorded where its data was.")
    if not path.is_dir():
        raise DataError(f"{path.resolve()}: no such folder; it contained the data of {folder}.")
    config = RunConfig(folder, {"data_root": str(path)})
    arguments = config.arguments("reader", CREATE)
    reader = arguments.pop("name")
    if not str((about.get("settings") or {}).get("labels", "")).startswith("generated"):
        return DataSet(path, reader, arguments)
    made = config.arguments("mask_generator", CREATE_MASKS)
    return DataSet(path, reader, arguments, masks.create(**made), made.pop("name"), made)
