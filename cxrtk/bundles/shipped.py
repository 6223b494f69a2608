"""The bundle configs that ship: ``bundles/`` in a checkout, `cxrtk_bundles` in an installation."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from cxrtk.errors import ConfigError

NOT_CONFIGS = ("metadata",)


def folder() -> Path:
    """The folder of the shipped configs, with ``metadata.json`` and ``logging.conf`` beside them.

    Raises:
        ConfigError: The package is not installed.
    """
    spec = find_spec("cxrtk_bundles")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("The package cxrtk_bundles is missing; install cxrtk again.")
    return Path(next(iter(spec.submodule_search_locations)))


def find(name: str) -> Path:
    """The config file of this path, or that ships under this name.

    Raises:
        ConfigError: There is neither.
    """
    known = shipped()
    path = known.get(name, Path(name))
    if not path.is_file():
        raise ConfigError(f"{name}: no such file, nor a shipped bundle; those are: {', '.join(known)}.")
    return path


def shipped() -> dict[str, Path]:
    """Name -> file of each shipped config and overlay, sorted by name."""
    return {path.stem: path for path in sorted(folder().glob("*.json")) if path.stem not in NOT_CONFIGS}
