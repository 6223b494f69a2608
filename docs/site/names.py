"""Hook of the site: a page of the public names of each package, for mkdocstrings to fill in.

The names are those of the package's stub, `__init__.pyi`, or of its `__all__`; of a package that has neither,
its modules.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("cxrtk", "cxrtk.data", "cxrtk.evaluation", "cxrtk.explain"),
    *("cxrtk.inference", "cxrtk.models", "cxrtk.report", "cxrtk.testing"),
)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages; a name that two packages have is described by the first."""
    described: dict[str, str] = {}
    for package in PACKAGES:
        names = public(package)
        text = "\n".join(
            _head(package, names, described) + [f"\n::: {each}\n" for each in names if each not in described]
        )
        described |= {each: package for each in names if each not in described}
        files.append(File.generated(config, f"reference/{package}.md", content=text))
    return files


def _head(package: str, names: list[str], described: dict[str, str]) -> list[str]:
    """Return the top of a page: what the package is for, and where names stand that are on another page."""
    elsewhere = [
        f"[`{each.rpartition('.')[2]}`]({described[each]}.md#{each})" for each in names if each in described
    ]
    see = f"{', '.join(elsewhere)}: see there." if elsewhere else ""
    return [
        f"# {package}",
        "",
        f"::: {package}",
        "    options: {members: false, show_root_heading: false}",
        "",
        see,
    ]


def public(package: str) -> list[str]:
    """Return where each public name of a package is defined, by its full name; subpackages are left out."""
    folder = ROOT.joinpath(*package.split("."))
    stub = folder / "__init__.pyi"
    source = stub if stub.is_file() else folder / "__init__.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    found = [
        f"{package}.{node.module}.{each.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 1
        for each in node.names
    ]
    if "__all__" in source.read_text(encoding="utf-8"):
        found += [
            f"{node.module}.{each.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{package}.")
            for each in node.names
        ]
    found = [name for name in found if not _is_package(name)]
    if found:
        return sorted(found, key=lambda name: name.rpartition(".")[2].lower())
    return [f"{package}.{path.stem}" for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]


def _is_package(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()
