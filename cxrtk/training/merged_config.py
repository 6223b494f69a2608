"""The merged config of a bundle, kept beside its run as ``config.json``."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import write_json
from cxrtk.models.run_config import CONFIG


def config_of_caller() -> Any:
    """Return the config as merged from files and command line, with its expressions unevaluated.

    MONAI gives expressions no access to the config, so it is taken from the calling frames; ``None`` where no
    bundle is running.
    """
    frame = inspect.currentframe()
    while frame is not None:
        caller: Any = frame.f_locals.get("self")
        if "ConfigWorkflow" in {kind.__name__ for kind in type(caller).__mro__}:
            return copy.deepcopy(caller.parser.get())
        frame = frame.f_back
    return None


def keep_config(config: Any, folder: Path) -> None:
    """Write a config into the folder of its run; does nothing for ``None``."""
    if config is not None:
        write_json(folder / CONFIG, config, indent=4, durable=True)
