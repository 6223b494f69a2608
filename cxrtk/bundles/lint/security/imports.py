"""``$import x`` in a config: the name it binds, and its permission."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from cxrtk.bundles.lint.evaluated import imported
from cxrtk.bundles.lint.mistake import ALLOW, Mistake, missing_name
from cxrtk.bundles.lint.resolve import Missing
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.security.policy import LONGEST, Policy

GLOBALS = {"monai": "monai", "torch": "torch", "np": "numpy", "numpy": "numpy"}  # as in MONAI's ConfigParser


def check_import(
    statement: ast.Import | ast.ImportFrom, names: Mapping[str, str], policy: Policy
) -> Iterator[Mistake]:
    """Yield the mistakes in an import: a forbidden module, or a name that is missing or already bound.

    Args:
        statement: Import.
        names: Dotted path of each name that the imports of the config bind.
        policy: Allow-list.
    """
    name, path = imported(statement)
    if GLOBALS.get(name, names[name]) != path or names[name] != path:
        yield Mistake(f"gives the name {name} to two objects", "import it by another name", "security")
    elif name in dir(builtins) and name not in allowed.BUILTINS:
        yield Mistake(f"gives the name of the builtin {name}", "import it by another name", "security")
    refused = policy.module(path)
    exists = policy.resolver.modules.find(path[:LONGEST]) is not None
    if isinstance(statement, ast.ImportFrom) and (refused or not exists):
        verdict = policy.path(path) if statement.module and not statement.level else None
        refused = verdict.refused if verdict else "relative imports are not supported"
        if verdict and isinstance(verdict.found, Missing) and not refused:
            yield missing_name(path, verdict.found)
    elif not exists:
        refused = ""
        yield Mistake(f"there is no module {path}", "install it, or correct the name", "error")
    if refused:
        yield Mistake(f"imports what is not allowed: {refused}", ALLOW, "security")
