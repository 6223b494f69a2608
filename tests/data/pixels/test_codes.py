"""The reason codes of `CxrReadError`: each listed, documented, and kept on the way through a worker."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxrtk.errors import READ_CODES, CxrReadError

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [path for folder in ("cxrtk", "plugins") for path in sorted((ROOT / folder).rglob("*.py"))]


def constants(node: ast.expr) -> set[str]:
    """The strings that an expression can be: a constant, or either side of a condition."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def raise_sites(text: str) -> Iterator[tuple[int, set[str]]]:
    """Line and possible codes of each ``CxrReadError(...)``; a variable stands for what its function sets."""
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        set_here = {
            target.id: constants(node.value)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CxrReadError":
                given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                name = getattr(given[0], "id", "") if given else ""
                yield node.lineno, set_here.get(name) or (constants(given[0]) if given else set())


SITES = [
    (f"{path.relative_to(ROOT)}:{line}", codes)
    for path in SOURCES
    for line, codes in raise_sites(path.read_text(encoding="utf-8"))
]


def test_every_raise_site_names_a_listed_code() -> None:
    """Nothing is raised as ``unreadable`` for want of a better word."""
    assert len(SITES) > 40
    assert [site for site, codes in SITES if not codes or not codes <= set(READ_CODES)] == []


def test_every_listed_code_is_raised_somewhere() -> None:
    """The list promises nothing that does not occur; ``unreadable`` is for plugins that name none."""
    raised = set().union(*(codes for _, codes in SITES))
    assert set(READ_CODES) - raised == {"unreadable"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("def f():\n    raise CxrReadError(p, w)", set()),
        ("def f():\n    raise CxrReadError(p, w, code='empty')", {"empty"}),
        ("def f():\n    c = 'a' if x else 'b'\n    raise CxrReadError(p, w, code=c)", {"a", "b"}),
        ("def f():\n    raise CxrReadError(p, w, code=found())", set()),
    ],
)
def test_the_check_sees_a_missing_code(text: str, codes: set[str]) -> None:
    """The check itself tells a code from none."""
    assert [found for _, found in raise_sites(text)] == [codes]


def test_the_docs_list_them() -> None:
    """The table of docs/pixels.md is the list, word for word."""
    page = (ROOT / "docs" / "pixels.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", page.partition("## Reason codes")[2], re.MULTILINE))
    assert {code: rows.get(code) for code in READ_CODES} == READ_CODES


def test_a_code_survives_pickling() -> None:
    """A DataLoader's worker sends its error by pickle."""
    error = CxrReadError("a.dcm", "is empty", code="empty")
    assert pickle.loads(pickle.dumps(error)).code == "empty"


def test_a_plugin_may_name_none() -> None:
    """Readers written before there were codes go on working."""
    assert CxrReadError("a.dcm", "is empty").code == "unreadable"
