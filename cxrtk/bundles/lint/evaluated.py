"""Expressions as MONAI reads them: import statements, and Python with references."""

from __future__ import annotations

import ast
import re

REFS = "__local_refs"  # MONAI's name for the values of references
_REF = re.compile(r"@\w*(?:::\w*)*")


def parse_import(text: str) -> ast.Import | ast.ImportFrom | None:
    """Parse an expression that is an import statement; None for any other expression."""
    if "import" not in text:
        return None
    try:
        body = ast.parse(text.removeprefix("$")).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return body[0] if body and isinstance(body[0], (ast.Import, ast.ImportFrom)) else None


def imported(statement: ast.Import | ast.ImportFrom) -> tuple[str, str]:
    """Return the name bound by an import, and its dotted path; MONAI uses only the first of several."""
    first = statement.names[0]
    if isinstance(statement, ast.ImportFrom):
        return first.asname or first.name, f"{statement.module or ''}.{first.name}"
    return first.asname or first.name, first.name


def source_of(text: str) -> str:
    """Return the Python source that MONAI evaluates for an expression."""
    return _REF.sub(lambda match: f"{REFS}['{match.group()[1:]}']", text[1:].replace("#", "::"))
