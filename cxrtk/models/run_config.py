"""The config of a training run from its folder: plain values are read, and nothing is evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.errors import ConfigError

CONFIG = "config.json"  # in the folder of a run
LENGTH = re.compile(r"\$len\(@(\w+)\)")  # the only expression allowed in a definition
DEEPEST = 30  # maximum depth of references, to stop at circular ones


class RunConfig:
    """The merged config of a run.

    Args:
        folder: Folder of the run.
        known: Values that override those in the file, by their ids.
        content: Config of a run that is about to begin and has no file yet; used instead of the file.

    Raises:
        ConfigError: The folder has no config, or the config is damaged.
    """

    def __init__(self, folder: Path, known: Mapping[str, Any] | None = None, content: Any = None) -> None:
        self.path = folder / CONFIG
        try:
            if content is None:
                content = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{folder}: is not a run, which would contain {CONFIG}: {error}.") from error
        if not isinstance(content, dict):
            raise ConfigError(f"{self.path}: is not a config; name the folder of a run.")
        self.values: Mapping[str, Any] = {**content, **(known or {})}

    def get(self, name: str) -> Any:
        """Return the value of a top-level id, without references; ``None`` where there is none.

        Raises:
            ConfigError: The value is computed by an expression.
        """
        return self._plain(self.values.get(name))

    def arguments(self, name: str, target: str) -> dict[str, Any]:
        """Return the arguments of a component that is built by `target`.

        Raises:
            ConfigError: The component is built by another target, or computed.
        """
        definition = dict(self.get(name) or {})
        if definition.pop("_target_", "") != target:
            raise ConfigError(f"{self.path}: its {name} is not made by {target}.")
        return definition

    def _plain(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, dict):
            return {key: self._plain(each, depth) for key, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each, depth) for each in value]
        if not isinstance(value, str) or value[:1] not in ("$", "@", "%"):
            return value
        if value.startswith("@") and value[1:] in self.values and depth < DEEPEST:
            return self._plain(self.values[value[1:]], depth + 1)
        counted = LENGTH.fullmatch(value)
        listed = self.values.get(counted[1]) if counted else None
        if isinstance(listed, list):
            return len(listed)
        raise ConfigError(
            f"{self.path}: {value!r} is computed, not stated, and only plain values are read; write the "
            "value itself, or export the network as a model file in Python, by cxrtk.models.save_model."
        )
