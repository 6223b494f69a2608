"""The shipped bundle configs: ``bundles/`` in a checkout, `cxrtk_bundles` in an installation."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from cxrtk.errors import ConfigError

NOT_CONFIGS = ("metadata", "metadata_schema")
BASE = "unet_cxr"
ALONE = (BASE, "inference")  # configs that are not overlays
# Configs below an overlay, besides the base.
BELOW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"fine_tune": ("lungs",), "lungs_light": ("lungs",), "lungs_open": ("lungs",)}
)


def folder() -> Path:
    """Return the folder of the shipped configs, which also holds their metadata and ``logging.conf``.

    Raises:
        ConfigError: The package is not installed.
    """
    spec = find_spec("cxrtk_bundles")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("The package cxrtk_bundles is missing; reinstall cxrtk.")
    return Path(next(iter(spec.submodule_search_locations)))


def find(name: str) -> Path:
    """Find a config file by its path, or by the name of a shipped config.

    Raises:
        ConfigError: Neither exists.
    """
    known = shipped()
    path = known.get(name, Path(name))
    if not path.is_file():
        raise ConfigError(f"{name}: no such file, nor a shipped bundle; shipped bundles: {', '.join(known)}.")
    return path


def shipped() -> dict[str, Path]:
    """Return the files of the shipped configs and overlays by name, sorted by name."""
    return {path.stem: path for path in sorted(folder().glob("*.json")) if path.stem not in NOT_CONFIGS}


def stack(name: str) -> list[Path]:
    """Return the files of a shipped config and of those below it; later files override earlier ones."""
    known = shipped()
    if name in ALONE:
        return [known[name]]
    return [known[each] for each in (BASE, *BELOW.get(name, ()), name)]


def metadata(name: str) -> Path:
    """Return the metadata file of a shipped config; that of the base is at MONAI's default location."""
    return folder() / ("metadata.json" if name == BASE else f"metadata/{name}.json")


def schema() -> Path:
    """Return the JSON schema of metadata, for ``verify_metadata --filepath`` without network access."""
    return folder() / "metadata_schema.json"
