"""The shipped bundle configs: ``bundles/`` in a checkout, `cxrtk_bundles` in an installation."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from cxrtk.errors import ConfigError

NOT_CONFIGS = ("metadata",)


def folder() -> Path:
    """Folder of the shipped configs, which also holds ``metadata.json`` and ``logging.conf``.

    Raises:
        ConfigError: The package is not installed.
    """
    spec = find_spec("cxrtk_bundles")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("The package cxrtk_bundles is missing; install cxrtk again.")
    return Path(next(iter(spec.submodule_search_locations)))


def find(name: str) -> Path:
    """Find a config file by its path, or by the name of a shipped config.

    Raises:
        ConfigError: Neither exists.
    """
    known = shipped()
    path = known.get(name, Path(name))
    if not path.is_file():
        raise ConfigError(f"{name}: no such file, nor a shipped bundle; those are: {', '.join(known)}.")
    return path


def shipped() -> dict[str, Path]:
    """Files of the shipped configs and overlays by name, sorted by name."""
    return {path.stem: path for path in sorted(folder().glob("*.json")) if path.stem not in NOT_CONFIGS}
