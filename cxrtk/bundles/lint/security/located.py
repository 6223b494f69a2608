"""Strings that MONAI resolves as class paths: ``LoadImage(reader="os.system")`` calls ``os.system``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cxrtk.bundles.lint.references import refs
from cxrtk.bundles.lint.resolve import Found, chain
from cxrtk.bundles.lint.security.policy import Policy
from cxrtk.bundles.lint.tree import Node, get

# Such arguments with the classes that take them, and the number of leading arguments not resolved.
ARGUMENTS = ("merger_cls", "reader", "writer")
CLASSES = {
    "ImageDataset": 1, "LoadImage": 0, "LoadImaged": 1, "PatchInferer": 0, "SaveImage": 0, "SaveImaged": 1,
}  # fmt: skip


def refused_argument(root: Node, node: Node, policy: Policy, depth: int = 0) -> str:
    """Reason why the value of such an argument is refused, or ""."""
    if depth > 20:
        return "it leads round in a circle"
    if isinstance(node.value, list):
        reasons = (refused_argument(root, each, policy, depth + 1) for each in node.value)
        return next(filter(None, reasons), "")
    if not isinstance(node.value, str):
        return ""
    if node.is_expression:
        try:
            tree = ast.parse(node.value[1:].replace("@", "_"), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ""  # reported as an expression
        return "" if _is_class(tree) else "what the expression gives cannot be told"
    if node.value.startswith("@"):
        target = get(root, (refs(node.value) or [""])[0])
        return "" if target is None else refused_argument(root, target, policy, depth + 1)
    return refused_text(node.value, policy)


def refused_text(text: str, policy: Policy) -> str:
    """Reason why a string is refused as a class path, or ""; a path that does not resolve is allowed."""
    if "." not in text or not all(part.isidentifier() for part in text.split(".")):
        return ""
    if not isinstance(policy.resolver.resolve(text), Found):
        return ""
    return policy.target(text).refused


def refused_in_call(path: str, node: ast.Call, policy: Policy) -> Iterator[str]:
    """Reasons why arguments of a call in an expression are refused; `path` is "" for an unknown function."""
    first = CLASSES.get(path.rpartition(".")[2], len(node.args))
    given = [*node.args[first:], *(each.value for each in node.keywords if each.arg in ARGUMENTS)]
    if first < len(node.args) and any(isinstance(each, ast.Starred) for each in node.args):
        yield "a list of arguments cannot be looked through"
    for each in given:
        members = each.elts if isinstance(each, (ast.List, ast.Tuple)) else [each]
        if not all(isinstance(member, ast.Constant) or _is_class(member) for member in members):
            yield f"what {ast.unparse(each)} names cannot be told"
    if path.startswith("monai.") or given:
        for text in ast.walk(node):
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                reason = refused_text(text.value, policy)
                if reason:
                    yield reason


def _is_class(node: ast.expr) -> bool:
    """Whether an expression is a dotted name, or a call of one."""
    parts = chain(node.func if isinstance(node, ast.Call) else node)
    return parts is not None and parts[0] not in ("str", "repr", "format", "next", "min", "max")
