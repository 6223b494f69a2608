"""Location of a module's source file, without importing the module or its parents."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """A module on disk.

    Args:
        name: Dotted name.
        file: Its Python source; None for a compiled or built-in module and for a namespace package.
        folders: Folders of its submodules; empty unless it is a package.
    """

    name: str
    file: Path | None
    folders: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """Package to which its relative imports refer."""
        return self.name if self.folders else self.name.rpartition(".")[0]


class Modules:
    """Finds modules with the import path of the bundle.

    Args:
        roots: Folders that MONAI adds to ``sys.path`` for the bundle.
    """

    def __init__(self, roots: Sequence[Path] = ()) -> None:
        self._roots = tuple(str(root) for root in roots)

    def find(self, name: str) -> Module | None:
        """Find a module by its dotted name; None if it does not exist."""
        return _find(name, self._roots)

    def is_local(self, module: Module) -> bool:
        """Return whether a module belongs to the bundle rather than to an installed package."""
        top = module.name.partition(".")[0]
        return _find(top, ()) is None and _find(top, self._roots) is not None


@cache
def _find(name: str, roots: tuple[str, ...]) -> Module | None:
    parent, _, _ = name.rpartition(".")
    if not all(part.isidentifier() for part in name.split(".")):
        return None
    if not parent:
        return _module(name, _top_level(name, roots))
    package = _find(parent, roots)
    if package is None or not package.folders:
        return None
    return _module(name, PathFinder.find_spec(name, list(package.folders)))


def _top_level(name: str, roots: tuple[str, ...]) -> ModuleSpec | None:
    """Find a top-level module; it has no parents, so the search imports nothing."""
    try:
        spec = find_spec(name)
    except ValueError:  # a module without a spec, such as __main__
        return None
    return spec or PathFinder.find_spec(name, list(roots))


def _module(name: str, spec: ModuleSpec | None) -> Module | None:
    if spec is None:
        return None
    folders = tuple(spec.submodule_search_locations or ())
    is_source = spec.has_location and spec.origin is not None and spec.origin.endswith(".py")
    return Module(name, Path(spec.origin) if is_source and spec.origin else None, folders)


def submodules(module: Module) -> list[str]:
    """Return the names of the modules in a package, for suggestions."""
    names = []
    for folder in module.folders:
        for path in Path(folder).iterdir():
            if path.suffix == ".py" or (path / "__init__.py").is_file():
                names.append(path.stem)
    return [name for name in names if not name.startswith("_")]


def is_stdlib(name: str) -> bool:
    """Return whether a top-level name belongs to the standard library."""
    return name.partition(".")[0] in sys.stdlib_module_names
