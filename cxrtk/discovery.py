"""Find plugin files without importing them.

A plugin is one file ``<plugin folder>/<kind>/<name>.py``. Plugin folders are those of ``CXRTK_PLUGINS``
and the packages named by entry points of the group ``cxrtk.plugins``; the built-in one is among these.
"""

from __future__ import annotations

import logging
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "cxrtk.plugins"
LOCAL = "cxrtk.local"
KINDS = ("readers", "masks", "networks", "metrics", "writers", "steps")

logger = logging.getLogger(__name__)


def entry_points(group: str) -> Iterable[EntryPoint]:
    """Return the entry points of a group, looked up once for each state of the module search path."""
    return _entry_points(group, tuple(sys.path))


@cache
def _entry_points(group: str, path: tuple[str, ...]) -> Iterable[EntryPoint]:
    """Read the entry points; `importlib.metadata` opens a file per distribution and is slow to import."""
    from importlib.metadata import entry_points

    return entry_points(group=group)


class Source(NamedTuple):
    """Location of one plugin: name, module, file, and the origin of its folder."""

    name: str
    module: str
    file: Path
    origin: str


@cache
def warn_once(message: str) -> None:
    """Log a warning once per message; folders are searched on every lookup."""
    logger.warning(message)


def plugin_folders(*, import_parents: bool = True) -> Iterator[tuple[str, Path, str]]:
    """Yield (package, folder, origin) of each plugin folder, those of ``CXRTK_PLUGINS`` first.

    Args:
        import_parents: Whether to import the parents of an installed plugin folder, as creating a plugin
            does; otherwise nothing is imported, and distributions with a broken package are found as well.
    """
    for folder in import_module(LOCAL).__path__:
        if not Path(folder).is_dir():
            warn_once(f"CXRTK_PLUGINS names {folder}, which is not a folder; it is ignored.")
        yield LOCAL, Path(folder), "CXRTK_PLUGINS"
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            # Finding a sub-package imports its parents, which are third-party code and may fail.
            spec = find_spec(entry.value) if import_parents else _spec_of(entry.value)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - plugin boundary: keep other plugins
            warn_once(f"Plugins of {entry.name} are ignored: {type(error).__name__}: {error}")
            continue
        if spec is None or not spec.submodule_search_locations:
            warn_once(f"Plugins of {entry.name} are ignored: no package {entry.value!r}.")
            continue
        for folder in spec.submodule_search_locations:
            yield entry.value, Path(folder), entry.name


def _spec_of(package: str) -> ModuleSpec | None:
    """Return the spec of a package, found on disk without importing its parents, or None."""
    top, *inner = package.split(".")
    spec = find_spec(top)
    for name in inner:
        folders = spec.submodule_search_locations if spec is not None else None
        spec = PathFinder.find_spec(f"{spec.name}.{name}", list(folders)) if spec and folders else None
    return spec


def find(kind: str, *, import_parents: bool = True) -> Iterator[Source]:
    """Yield every plugin file of `kind`, each real file once, without importing it.

    Args:
        kind: Kind of plugin.
        import_parents: See `plugin_folders`.
    """
    seen: set[Path] = set()
    for package, folder, origin in plugin_folders(import_parents=import_parents):
        marker = folder / kind / "__init__.py"
        if package == LOCAL and marker.exists():
            warn_once(f"{marker} hides the {kind} of the other folders in CXRTK_PLUGINS; delete it.")
        for module in pkgutil.iter_modules([str(folder / kind)]):
            file = folder / kind / (f"{module.name}/__init__.py" if module.ispkg else f"{module.name}.py")
            if file.resolve() not in seen and not module.name.startswith("_"):
                seen.add(file.resolve())
                yield Source(module.name, f"{package}.{kind}.{module.name}", file, origin)
