"""MONAI's short names: ``_target_: UNet`` is the class of that name in any module of MONAI."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cxrtk.bundles.lint.modules import Modules
from cxrtk.bundles.lint.resolve import Found, Resolver

_BOUND = re.compile(r"^(?:class|def) +(\w+)|^((?:\w+ *= *)+)\w+ *$", re.MULTILINE)


def find_short_name(name: str, resolver: Resolver) -> Found | None:
    """Resolve a name without dots as MONAI's ComponentLocator does; None if it does not exist."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for package, text in _packages():
        if word.search(text):
            found = resolver.resolve(f"{package}.{name}")
            if isinstance(found, Found) and found.node and found.module.name.startswith("monai"):
                return found
    for module in _all_names().get(name, ()):
        found = resolver.resolve(f"{module}.{name}")
        if isinstance(found, Found) and found.node and found.module.name.startswith("monai"):
            return found
    return None


def short_names() -> list[str]:
    """Return all short names, for suggestions."""
    return [name for name in _all_names() if not name.startswith("_")]


@cache
def _packages() -> list[tuple[str, str]]:
    """Return the packages with the text of their ``__init__``, which re-exports nearly all short names."""
    return [(name, path.read_text(encoding="utf-8")) for name, path in _files() if path.name == "__init__.py"]


@cache
def _all_names() -> dict[str, list[str]]:
    """Return the modules that bind each short name: a scan of all sources, for the few names that need it."""
    names: dict[str, list[str]] = {}
    for module, path in _files():
        for defined, aliases in _BOUND.findall(path.read_text(encoding="utf-8")):
            for name in [defined] if defined else [each.strip() for each in aliases.split("=")]:
                if name:
                    names.setdefault(name, []).append(module)
    return names


@cache
def _files() -> list[tuple[str, Path]]:
    monai = Modules().find("monai")
    if monai is None or monai.file is None:
        return []
    root = monai.file.parent
    files = []
    for path in sorted(root.rglob("*.py")):
        parts = ["monai", *path.relative_to(root).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        files.append((".".join(parts), path))
    return files
