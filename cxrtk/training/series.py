"""Several runs by one command: the folds of a cross-validation, or all combinations of settings."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.errors import ConfigError
from cxrtk.models.run_config import CONFIG
from cxrtk.training import record
from cxrtk.training.flat_config import NAMING, flat
from cxrtk.wording import distinct

LONGEST = 120  # maximum length of a run's name, which is also the name of a folder
# Settings that may differ when a series is continued: at most they change the length of a training.
FREE = ("amp", "cache_dir", "cache_gb", "dataset_dir", "device", "max_epochs", "num_workers", "overlays")


@dataclass(frozen=True)
class Planned:
    """A run that is to be trained.

    Attributes:
        name: Name of its folder.
        settings: Values by id, for the command line of MONAI.
    """

    name: str
    settings: Mapping[str, Any]


def plan_folds(settings: Mapping[str, Any], folds: int) -> list[Planned]:
    """Return a run for each fold, ``fold0`` and so on.

    Raises:
        ConfigError: The settings already select a fold.
    """
    for id in ("fold", "folds"):
        if id in settings:
            raise ConfigError(f"--set {id}: leave it out, since --folds {folds} trains every fold.")
    return [Planned(f"fold{fold}", {**settings, "folds": folds, "fold": fold}) for fold in range(folds)]


def plan_sweep(values: Mapping[str, Sequence[Any]]) -> list[Planned]:
    """Return a run for each combination of values, named after the settings that have several values.

    >>> values = {"seed": [0], "learning_rate": [0.001, 0.0003], "batch_size": [4, 8]}
    >>> [run.name for run in plan_sweep(values)]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['learning_rate=0.001_batch_size=4', 'learning_rate=0.001_batch_size=8',
     'learning_rate=0.0003_batch_size=4', 'learning_rate=0.0003_batch_size=8']
    """
    several = [id for id, each in values.items() if len(each) > 1]
    found = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    names = distinct([_name({id: settings[id] for id in several}) for settings in found])
    return [Planned(name, settings) for name, settings in zip(names, found, strict=True)]


def _name(settings: Mapping[str, Any]) -> str:
    """Name a run by its settings, in characters valid in any file system and `--model`: no comma, no plus."""
    words = [
        f"{id}={value if isinstance(value, str) else json.dumps(value)}" for id, value in settings.items()
    ]
    return re.sub(r"[^\w.=#-]+", "-", "_".join(words))[:LONGEST].strip("-.")


def folder_of(config: Mapping[str, Any], kind: str) -> Path:
    """Return the folder of a series: ``output_dir/run_name``, or ``output_dir/config_name-kind``.

    Args:
        config: Merged config with the settings of the command line.
        kind: Second part of the default name, such as ``5-folds``.

    Raises:
        ConfigError: One of the three is an expression, so the same command might not find the folder again.
    """
    for id in ("output_dir", "run_name", "config_name"):
        if not isinstance(config.get(id), str) or config[id][:1] in ("$", "@", "%"):
            raise ConfigError(f"{id}: must be a plain text, so that the same command finds its folder again.")
    return Path(config["output_dir"], config["run_name"] or f"{config['config_name']}-{kind}")


def merged(files: Sequence[Path], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config as MONAI merges it from files and settings, with its expressions unevaluated."""
    from monai.bundle.config_parser import ConfigParser

    parser = ConfigParser()
    parser.read_config([str(file) for file in files])
    parser.update(pairs=dict(settings))
    parser.resolve_macro_and_relative_ids()  # as in the config that a run keeps
    config: dict[str, Any] = parser.get()
    return config


def is_complete(folder: Path, config: Mapping[str, Any]) -> bool:
    """Return whether a run has all its epochs and its test.

    Args:
        folder: Folder of the run.
        config: Current merged config of the run.

    Raises:
        ConfigError: The run was started with settings that differ from `config`.
    """
    if not (folder / record.FILE).is_file():
        return False
    if (folder / CONFIG).is_file():
        _require_same(folder, flat(json.loads((folder / CONFIG).read_text(encoding="utf-8"))), config)
    about = record.read(folder)
    asked = config.get("max_epochs")
    more = isinstance(asked, int) and asked > int(about.get("max_epochs", asked))
    return about.get("status") == "complete" and not more


def _require_same(folder: Path, before: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    now = flat(json.loads(json.dumps(config, default=str)))
    ids = [id for id in {**before, **now} if id not in (*NAMING, *FREE) and not id.startswith("_meta_")]
    other = [id for id in ids if before.get(id) != now.get(id)]
    if other:
        named = [f"{id} was {before.get(id)!r} and is {now.get(id)!r}" for id in other[:3]]
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        raise ConfigError(
            f"{folder}: was started with different settings: {', '.join(named)}{more}; name another "
            "folder by "
            "--set run_name=NAME."
        )
