"""Settings and test of a training run, image by image, from its folder. Imports no torch."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from cxrtk.errors import ConfigError
from cxrtk.models.run_config import CONFIG
from cxrtk.training import record
from cxrtk.training.flat_config import flat

TEST = "test_metrics.json"
Values = Mapping[str, float]  # by the name of an image


@dataclass(frozen=True)
class RunResult:
    """The settings and results of a run.

    Attributes:
        folder: Folder of the run.
        name: Display name of the run.
        about: Content of ``run.json``.
        settings: Values of the merged config by their ids; empty for a run without one.
        test: Content of ``test_metrics.json``; empty for a run that was not tested.
    """

    folder: Path
    name: str
    about: Mapping[str, Any]
    settings: Mapping[str, Any]
    test: Mapping[str, Any]

    @cached_property
    def metrics(self) -> dict[str, Values]:
        """Values of each test metric by image: means over the classes, without NaN."""
        return {name: self._table(name) for name in self.test.get("metrics", {})}

    @cached_property
    def images(self) -> frozenset[str]:
        """Names of the images of the test part, as in ``splits.json``."""
        return frozenset(_load(self.folder / "splits.json").get("test", ()))

    @cached_property
    def patients(self) -> Mapping[str, int]:
        """Patient number of each image; empty for a run of an older version that did not record it."""
        numbers: dict[str, int] = _load(self.folder / "patients.json")
        return numbers

    @cached_property
    def states(self) -> dict[str, Any]:
        """Return name and SHA-256 of each test image's files, or the size if there is no digest."""
        known = _load(self.folder / "data.json").get("images", {})
        files = {name: known[name]["files"] for name in self.images if name in known}
        return {name: [(file, sha or size) for file, size, _, sha in each] for name, each in files.items()}

    def _table(self, metric: str) -> Values:
        path = self.folder / "test" / f"{metric}_raw.csv"
        if not path.is_file():
            return {}
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = {row["filename"]: float(row["mean"]) for row in csv.DictReader(file)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path}: cannot be read as a table of the test: {error}.") from error
        named = {PurePath(name).parts: name for name in self.images}
        lengths = {len(parts) for parts in named}
        return {
            next((named[parts[-n:]] for n in lengths if parts[-n:] in named), path): value
            for path, value in rows.items()
            if not math.isnan(value)
            for parts in [PurePath(path).parts]
        }


def read_result(folder: Path, name: str = "") -> RunResult:
    """Read the result of a run.

    Args:
        folder: Folder of the run.
        name: Display name of the run; empty for the name of the folder.

    Raises:
        ConfigError: The folder is not a run, or one of its files is damaged.
    """
    about = record.read(folder)
    config = flat(_load(folder / CONFIG)) if (folder / CONFIG).is_file() else {}
    return RunResult(folder, name or folder.name, about, config, _load(folder / TEST))


def _load(path: Path) -> Any:
    """Read a JSON file of a run; return an empty mapping if it does not exist."""
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
