"""What the top level of a source file binds, by its syntax tree alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LAZY = "attach("  # a package whose names are looked up on first use, as its stub states them
LARGEST = 150_000  # bytes; a larger file is searched for one definition, never parsed whole


@dataclass(frozen=True)
class Import:
    """A name that another module gives: ``from module import name``, or the module itself (name "")."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class Value:
    """A name that is assigned; the expression is None where none is written."""

    expression: ast.expr | None


Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Binding = Definition | Import | Value


@dataclass
class Table:
    """The names of a module.

    Args:
        names: What each name is bound to.
        stars: Modules of ``from module import *``.
        dynamic: Whether there may be names that the syntax does not show.
    """

    names: dict[str, Binding] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    dynamic: bool = False


@cache
def text_of(file: Path) -> str:
    """A source file's text."""
    return file.read_text(encoding="utf-8", errors="replace")


@cache
def definition(file: Path, name: str) -> Definition | None:
    """A class or function of the top level, found by its first line: no need to parse the whole file."""
    text = text_of(file)
    starts = list(re.finditer(rf"^(?:class|def|async def)[ ]+{re.escape(name)}\b", text, re.MULTILINE))
    if len(starts) != 1:
        return None
    start = starts[0].start()
    while decorated := re.search(r"(?:^|\n)(@[^\n]*\n)\Z", text[max(0, start - 500) : start]):
        start -= len(decorated.group(1))
    if text[:start].endswith(")\n") or text[:start].endswith("]\n"):
        return None  # the end of a decorator of several lines, perhaps
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
    """All names of a module."""
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
    """The names in a class body."""
    found = Table()
    _bind(found, node.body, "", first_wins=False)
    return found


def _bind(found: Table, body: Sequence[ast.stmt], package: str, *, first_wins: bool) -> None:
    for statement in body:
        for name, binding in _bindings(found, statement, package):
            if not (first_wins and name in found.names):
                found.names[name] = binding
        # Of alternatives (try and except, if and else) the first is the usual one.
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
    """The full name of ``from ..module import``."""
    if not level:
        return module
    parts = package.split(".")
    above = parts[: len(parts) - level + 1]
    return ".".join([*above, module] if module else above)


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
