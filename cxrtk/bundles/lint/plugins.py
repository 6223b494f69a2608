"""Plugins by name and their signatures, without importing them."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from cxrtk.bundles.lint.modules import Module, Modules
from cxrtk.bundles.lint.resolve import Found, chain
from cxrtk.bundles.lint.symbols import text_of
from cxrtk.discovery import ENTRY_POINT_GROUP, LOCAL


def plugin_files(kind: str, modules: Modules) -> dict[str, Path]:
    """Map the names of the plugins of a kind to their files.

    Like `cxrtk.discovery.find`, except that parents of plugin packages are not imported.
    """
    files: dict[str, Path] = {}
    for folder in _folders(modules):
        for module in pkgutil.iter_modules([str(folder / kind)]):
            inner = f"{module.name}/__init__.py" if module.ispkg else f"{module.name}.py"
            if not module.name.startswith("_"):
                files.setdefault(module.name, folder / kind / inner)
    return files


def plugin(kind: str, name: str, file: Path) -> Found | None:
    """Return the class or function that registers a plugin; None if the syntax tree does not show it."""
    try:
        body = ast.parse(text_of(file)).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    for node in body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            continue
        if any(_registers(each, name) for each in node.decorator_list):
            return Found(Module(f"cxrtk.{kind}.{name}", file), node.name, node)
    return None


def _registers(decorator: ast.expr, name: str) -> bool:
    """Return whether a decorator is ``@<registry>.register("<name>")``."""
    if not isinstance(decorator, ast.Call) or (chain(decorator.func) or [""])[-1] != "register":
        return False
    return [each.value for each in decorator.args if isinstance(each, ast.Constant)] == [name]


def _folders(modules: Modules) -> Iterator[Path]:
    yield from map(Path, importlib.import_module(LOCAL).__path__)
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        package = modules.find(entry.value)
        yield from map(Path, package.folders if package else ())
