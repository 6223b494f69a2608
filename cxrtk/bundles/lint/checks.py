"""Checks of single nodes, in one traversal of the whole config, including unused parts."""

from __future__ import annotations

from cxrtk.bundles.lint.evaluated import imported, parse_import
from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.mistakes.targets import check_component
from cxrtk.bundles.lint.mistakes.values import check_paths
from cxrtk.bundles.lint.references import refs
from cxrtk.bundles.lint.security.expressions import check_expression
from cxrtk.bundles.lint.security.imports import check_import
from cxrtk.bundles.lint.security.policy import Policy
from cxrtk.bundles.lint.tree import Node, get, walk


def check_nodes(root: Node, policy: Policy, report: Report) -> None:
    """Check every expression, component and path."""
    statements = {id: parse_import(node.value) for id, node in walk(root) if node.is_expression}
    imports = {id: statement for id, statement in statements.items() if statement is not None}
    names: dict[str, str] = {}
    for statement in imports.values():
        name, path = imported(statement)
        names.setdefault(name, path)
    for id, node in walk(root):
        if node.is_component:
            check_component(root, id, node, policy, report)
        if not isinstance(node.value, str):
            continue
        check_paths(root, id, node, report)
        for ref in refs(node.value):
            if _holds_import(root, ref):
                what = f"@{ref} hands a module on"
                report.add(node, id, what, "use the module by its name", "security")
        if not node.is_expression:
            continue
        if id in imports:
            mistakes = check_import(imports[id], names, policy)
        else:
            mistakes = check_expression(node.value, names, policy)
        try:
            for mistake in mistakes:
                report.add(node, id, f"{_short(node.value)} {mistake.what}", mistake.cure, mistake.kind)
        except RecursionError:
            report.add(node, id, "the expression is nested too deeply", "simplify it", "security")


def _holds_import(root: Node, ref: str) -> bool:
    """Return whether a reference resolves to an import, or to a value that contains one."""
    tree = get(root, ref)
    if tree is None:
        return False
    return any(node.is_expression and parse_import(node.value) is not None for _, node in walk(tree))


def _short(text: str, longest: int = 60) -> str:
    """Shorten an expression for a message."""
    return text if len(text) <= longest else text[: longest - 3] + "..."
