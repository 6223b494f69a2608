"""Names bound at the top level of a source file, from its syntax tree alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LAZY = "attach("  # marks a package with lazy imports, which are listed in its stub
LARGEST = 150_000  # bytes; larger files are searched for one definition instead of being parsed


@dataclass(frozen=True)
class Import:
    """A name imported from another module: ``from module import name``, or the module itself (name "")."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class Value:
    """An assigned name; the expression is None if there is none."""

    expression: ast.expr | None


Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Binding = Definition | Import | Value


@dataclass
class Table:
    """Names of a module.

    Args:
        names: Binding of each name.
        stars: Modules of ``from module import *``.
        dynamic: Whether there may be names that the syntax tree does not show.
    """

    names: dict[str, Binding] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    dynamic: bool = False


@cache
def text_of(file: Path) -> str:
    """Read the text of a source file."""
    return file.read_text(encoding="utf-8", errors="replace")


@cache
def definition(file: Path, name: str) -> Definition | None:
    """Find a top-level class or function by its first line, without parsing the whole file."""
    text = text_of(file)
    starts = list(re.finditer(rf"^(?:class|def|async def)[ ]+{re.escape(name)}\b", text, re.MULTILINE))
    if len(starts) != 1:
        return None
    start = starts[0].start()
    while decorated := re.search(r"(?:^|\n)(@[^\n]*\n)\Z", text[max(0, start - 500) : start]):
        start -= len(decorated.group(1))
    if text[:start].endswith(")\n") or text[:start].endswith("]\n"):
        return None  # possibly the end of a decorator that spans several lines
    after = re.compile(
        r"^(?:class |def |async def |@|if |try:|for |with |\w+(?:\[|\.|\s*[:=]))", re.MULTILINE
    )
    end = after.search(text, starts[0].end())
    try:
        (found,) = ast.parse(text[start : end.start() if end else None]).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) else None


@cache
def table(file: Path, package: str) -> Table:
    """Return the names of a module."""
    text = text_of(file)
    found = Table(dynamic=package == "torch.cuda" or "globals()" in text or "sys.modules[__name__]" in text)
    if len(text) > LARGEST:
        found.dynamic = True
        return found
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        found.dynamic = True
        return found
    _bind(found, body, package, first_wins=False)
    stub = file.with_suffix(".pyi")
    if LAZY in text and stub.exists():
        _bind(found, ast.parse(text_of(stub)).body, package, first_wins=True)
    return found


def class_table(node: ast.ClassDef) -> Table:
    """Return the names in a class body."""
    found = Table()
    _bind(found, node.body, "", first_wins=False)
    return found


def _bind(found: Table, body: Sequence[ast.stmt], package: str, *, first_wins: bool) -> None:
    for statement in body:
        for name, binding in _bindings(found, statement, package):
            if not (first_wins and name in found.names):
                found.names[name] = binding
        # Of alternatives (try and except, if and else) the first one is used.
        for part in ("body", "orelse", "finalbody"):
            if not isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                _bind(found, getattr(statement, part, []), package, first_wins=first_wins or part != "body")
        for handler in getattr(statement, "handlers", []):
            _bind(found, handler.body, package, first_wins=True)


def _bindings(found: Table, statement: ast.stmt, package: str) -> list[tuple[str, Binding]]:
    if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        found.dynamic |= statement.name == "__getattr__"
        return [(statement.name, statement)]
    if isinstance(statement, ast.Import):
        return [
            (each.asname, Import(each.name)) if each.asname else (top := each.name.split(".")[0], Import(top))
            for each in statement.names
        ]
    if isinstance(statement, ast.ImportFrom):
        module = absolute(statement.module or "", statement.level, package)
        found.stars += [module for each in statement.names if each.name == "*"]
        return [
            (each.asname or each.name, Import(module, each.name))
            for each in statement.names
            if each.name != "*"
        ]
    if isinstance(statement, ast.Assign):
        names = [each for target in statement.targets for each in _names(target)]
        return [(name, Value(statement.value)) for name in names]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [(statement.target.id, Value(statement.value))]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return [(name, Value(None)) for name in _names(statement.target)]
    return []


def absolute(module: str, level: int, package: str) -> str:
    """Return the absolute name of the module in ``from ..module import``."""
    if not level:
        return module
    parts = package.split(".")
    above = parts[: len(parts) - level + 1]
    return ".".join([*above, module] if module else above)


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
