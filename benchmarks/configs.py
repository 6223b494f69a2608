"""The configs of shipped bundles, for benchmarks that measure a part of one."""

from __future__ import annotations

from typing import Any

from monai.bundle.config_parser import ConfigParser

from cxrtk.bundles import shipped


def shipped_config(*names: str, **settings: Any) -> ConfigParser:
    """Return the config of a bundle with its overlays, the later names, and with settings by their ids."""
    config = ConfigParser()
    config.read_config([str(shipped()[name]) for name in names])
    config.update(settings)
    return config
