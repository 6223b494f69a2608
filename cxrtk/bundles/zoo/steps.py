"""Copying of the cxrtk modules that a bundle needs into its ``scripts/``, under another name.

The copy is complete: it includes all modules that the requested ones import, even inside functions. Imports
of `cxrtk` are changed to imports of the copy, so an installed cxrtk of another version does not interfere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from cxrtk import __version__

ROOT = Path(__file__).parents[2]  # the package cxrtk
HOME = "scripts.cxrtk_steps"  # name of the package in the bundle
IMPORT = re.compile(r"^(\s*(?:from|import) )cxrtk(?=[. ])", re.MULTILINE)
ABOUT = '"""Modules of cxrtk {version}, Apache-2.0, copied by `cxrtk export`; not to be edited."""\n'


def copy_steps(modules: Iterable[str], scripts: Path, *, files: Iterable[Path] = ()) -> None:
    """Copy modules of cxrtk, and everything that they import from cxrtk, into a bundle.

    Args:
        modules: Dotted names, such as ``cxrtk.models.views``.
        scripts: Folder ``scripts/`` of the bundle.
        files: Plugin files to copy beside them, into `scripts` itself.
    """
    own = list(files)
    texts = [file.read_text(encoding="utf-8") for file in own]
    wanted = closure([*modules, *(name for text in texts for name in imported(text))])
    home = scripts / HOME.rpartition(".")[2]
    for name, path in wanted.items():
        target = home.joinpath(*name.split(".")[1:])
        target = target / "__init__.py" if path.name == "__init__.py" else target.with_suffix(".py")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
        stub = path.with_suffix(".pyi")
        if stub.is_file():
            target.with_suffix(".pyi").write_text(stub.read_text(encoding="utf-8"), encoding="utf-8")
    (scripts / "__init__.py").write_text(ABOUT.format(version=__version__), encoding="utf-8")
    for file, text in zip(own, texts, strict=True):
        (scripts / file.name).write_text(renamed(text), encoding="utf-8")


def renamed(text: str) -> str:
    """Return a module's source with its imports of `cxrtk` changed to imports of the copy.

    >>> renamed("from cxrtk.models import views")
    'from scripts.cxrtk_steps.models import views'
    """
    return IMPORT.sub(rf"\g<1>{HOME}", text)


def closure(modules: Iterable[str]) -> dict[str, Path]:
    """Return the files of cxrtk modules, of all their imports from cxrtk, and of the packages, by name."""
    found: dict[str, Path] = {}
    todo = list(modules)
    while todo:
        name = todo.pop()
        path = _file(name)
        if name in found or path is None:
            continue
        found[name] = path
        todo += [name.rpartition(".")[0]]
        todo += imported(path.read_text(encoding="utf-8"))
    return dict(sorted(found.items()))


def imported(text: str) -> list[str]:
    """Return the names of the cxrtk modules that a source text imports, also through lazy packages."""
    tree = ast.parse(text)
    names: list[str] = []
    packages: dict[str, str] = {}  # name in the text -> package that may be lazy
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.split(".")[0] == "cxrtk"]
            packages |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cxrtk":
            module = str(node.module)
            for alias in node.names:
                home = _lazily(module, alias.name)
                names += [module, f"{module}.{alias.name}", *home]
                packages |= {alias.asname or alias.name: home[0] if home else f"{module}.{alias.name}"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages:
            names += _lazily(packages[node.value.id], node.attr)
    return names


def _lazily(package: str, name: str) -> list[str]:
    """Return the module that defines a lazy package's name, from its stub; empty if the stub lacks it."""
    path = _file(package)
    stub = path.with_suffix(".pyi") if path is not None else None
    if stub is None or not stub.is_file():
        return []
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and name in {alias.asname or alias.name for alias in node.names}:
            if not node.module:  # the stub names a module of the package
                return [f"{package}.{name}"]
            module = f"{package}.{node.module}"
            return [module, f"{module}.{name}", *_lazily(module, name)]
    return []


def _file(name: str) -> Path | None:
    """Return the file of a module or package of cxrtk; ``None`` for any other name."""
    top, *rest = name.split(".")
    if top != "cxrtk":
        return None
    path = ROOT.joinpath(*rest)
    init, module = path / "__init__.py", path.with_suffix(".py")
    if rest and module.is_file():
        return module
    return init if init.is_file() else None
