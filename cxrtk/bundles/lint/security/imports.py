"""``$import x`` in a config: the name it binds, and its permission."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cxrtk.bundles.lint.mistake import ALLOW, Mistake, missing_name
from cxrtk.bundles.lint.resolve import Missing
from cxrtk.bundles.lint.security.policy import Policy


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
    """Name bound by an import, and its dotted path; MONAI uses only the first name of a statement."""
    first = statement.names[0]
    if isinstance(statement, ast.ImportFrom):
        return first.asname or first.name, f"{statement.module or ''}.{first.name}"
    return first.asname or first.name, first.name


def check_import(statement: ast.Import | ast.ImportFrom, policy: Policy) -> Iterator[Mistake]:
    """Yield the mistakes in an import: a module that is not allowed, a name that does not exist."""
    _, path = imported(statement)
    if isinstance(statement, ast.ImportFrom):
        verdict = policy.path(path) if path.partition(".")[0] else None
        refused = "relative imports are not allowed" if verdict is None else verdict.refused
        if verdict and refused == f"{path} is a module":
            refused = policy.module(path)
        if verdict and isinstance(verdict.found, Missing):
            refused = policy.module(statement.module or "")
            if not refused:
                yield missing_name(path, verdict.found)
    else:
        refused = policy.module(path)
        if not refused and policy.resolver.modules.find(path) is None:
            yield Mistake(f"there is no module {path}", "install it, or mend the name", "error")
    if refused:
        yield Mistake(f"imports what is not allowed: {refused}", ALLOW, "security")
