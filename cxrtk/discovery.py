"""Find plugin files without importing them.

A plugin is one file ``<plugin folder>/<kind>/<name>.py``. Plugin folders are those of ``CXRTK_PLUGINS``
and the packages named by entry points of the group ``cxrtk.plugins``; our own is one of these.
"""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ENTRY_POINT_GROUP = "cxrtk.plugins"
KINDS = ("readers", "masks", "networks", "metrics")

logger = logging.getLogger(__name__)


class Source(NamedTuple):
    """Where one plugin lies: its name, module, file, and who named the folder."""

    name: str
    module: str
    file: Path
    origin: str


def plugin_folders() -> Iterator[tuple[str, Path, str]]:
    """Yield (package, folder, origin) of each plugin folder, those of ``CXRTK_PLUGINS`` first."""
    for folder in import_module("cxrtk.local").__path__:
        if not Path(folder).is_dir():
            logger.warning("CXRTK_PLUGINS names %s, which is not a folder; it is passed over.", folder)
        yield "cxrtk.local", Path(folder), "CXRTK_PLUGINS"
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            # Finding a sub-package imports its parents, which are a stranger's code and may fail.
            spec = find_spec(entry.value)
        except Exception as error:  # noqa: BLE001 - the plugin boundary: one package must not stop the others
            logger.warning("Plugins of %s are passed over: %s: %s", entry.name, type(error).__name__, error)
            continue
        if spec is None or not spec.submodule_search_locations:
            logger.warning("Plugins of %s are passed over: no package %r.", entry.name, entry.value)
            continue
        for folder in spec.submodule_search_locations:
            yield entry.value, Path(folder), entry.name


def find(kind: str) -> Iterator[Source]:
    """Yield every plugin file of `kind`, each real file once; imports none of them."""
    seen: set[Path] = set()
    for package, folder, origin in plugin_folders():
        for module in pkgutil.iter_modules([str(folder / kind)]):
            file = folder / kind / (f"{module.name}/__init__.py" if module.ispkg else f"{module.name}.py")
            if file.resolve() not in seen and not module.name.startswith("_"):
                seen.add(file.resolve())
                yield Source(module.name, f"{package}.{kind}.{module.name}", file, origin)
