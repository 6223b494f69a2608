"""Permission of components: what a ``_target_`` leads to, and arguments that make it trust something."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cxrtk.bundles.lint.evaluated import source_of
from cxrtk.bundles.lint.references import literal, refs
from cxrtk.bundles.lint.resolve import Found, chain
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.security.arguments import (
    FILES,
    LOCATED,
    LOCATED_ARGUMENTS,
    UNKNOWN,
    WEIGHTS,
    by_default,
    refused_text,
    trusting,
)  # fmt: skip
from cxrtk.bundles.lint.security.policy import Policy, Verdict
from cxrtk.bundles.lint.tree import Node, get


def refused_component(root: Node, node: Node, verdict: Verdict, policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield (argument, reason) of what is refused in a component; the argument is "" for its target.

    Args:
        root: Whole config.
        node: Component.
        verdict: Decision about its target, if that is a plain name.
        policy: Allow-list.
    """
    target = str(node.mapping["_target_"].value)
    later = literal(root, node.mapping.get("_mode_")) not in (None, "default")
    if verdict.refused:
        yield "", f"_target_ {target}: {verdict.refused}"
    if target[:1] in ("$", "@") and not _callable(root, node.mapping["_target_"], policy):
        yield "", f"what {target[:60]} calls cannot be told"
    if (
        literal(root, node.mapping.get("_mode_")) not in (None, "default", "callable")
        or "_debug_" in node.mapping
    ):
        yield "", "stops in a debugger, which runs whatever is typed"
    found = verdict.found if isinstance(verdict.found, Found) else None
    name = found.name if found is not None else target.rpartition(".")[2]
    guarded = name in LOCATED or target in (*FILES, *allowed.BOUND)
    if target in allowed.BOUND and not target.startswith("pathlib."):
        yield "", f"_target_ {target} is no class or function"
    if later and guarded:
        yield "", f"{name} to be called later is not allowed"
    for key, value in node.mapping.items():
        own = key == "pretrained" and found is not None and found.module.name.startswith("cxrtk.")
        reason = "" if own else trusting(key, _plain(root, value), name in WEIGHTS)
        if key in LOCATED_ARGUMENTS and (name in LOCATED or found is None):
            reason = _located(root, value, policy)
        if reason:
            yield key, reason
    reason = by_default(found, list(node.mapping), policy)
    if reason:
        yield "", f"_target_ {target}: {reason}"


def _plain(root: Node, node: Node) -> object:
    """Plain value of a node, also if an expression spells it out; `UNKNOWN` if it is none."""
    value = literal(root, node)
    if isinstance(value, str) and value[:1] in ("$", "@", "%"):
        spelled = {"$None": None, "$True": True, "$False": False}
        return spelled.get(value.replace(" ", ""), UNKNOWN)
    return value if value is None or isinstance(value, (bool, int, float, str)) else UNKNOWN


def _callable(root: Node, node: Node, policy: Policy, depth: int = 0) -> bool:
    """Whether a ``_target_`` that is an expression or a reference gives no text, which would be looked up."""
    text = str(node.value)
    if node.is_component:
        found = policy.target(str(node.mapping["_target_"].value)).found
        return isinstance(found, Found) and isinstance(found.node, ast.ClassDef)
    if text.startswith("@") and depth < 20:
        target = get(root, (refs(text) or [""])[0])
        return target is not None and _callable(root, target, policy, depth + 1)
    try:
        tree = ast.parse(source_of(text).strip(), mode="eval").body if text.startswith("$") else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if isinstance(tree, ast.Subscript) and depth < 20:  # $@id
        return text[1:2] == "@" and _callable(root, Node(text[1:].strip(), node.file), policy, depth + 1)
    named = isinstance(tree, ast.Attribute) and (tree.attr in allowed.METHODS or _is_class(text))
    return isinstance(tree, ast.Lambda) or named


def _located(root: Node, node: Node, policy: Policy) -> str:
    """Reason why MONAI may not look up what an argument names as a class, or ""."""
    if isinstance(node.value, list):
        return next(filter(None, (_located(root, each, policy) for each in node.value)), "")
    if node.is_component:
        return "" if _callable(root, node, policy) else "what class it is cannot be told"
    value = literal(root, node)
    if isinstance(value, str) and value[:1] in ("$", "@"):
        target = get(root, (refs(value) or [""])[0]) if value.startswith("@") else None
        if target is not None and target is not node and target.value != value:
            return _located(root, target, policy)
        named = value.startswith("$") and _is_class(value)
        return "" if named or value == "$None" else "what class it names cannot be told"
    reason = refused_text(value, policy)
    return f"is looked up as a class: {reason}" if reason else ""


def _is_class(text: str) -> bool:
    """Whether an expression is the dotted name of a class, or a call of one."""
    try:
        tree = ast.parse(text[1:].strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    parts = chain(tree.func if isinstance(tree, ast.Call) else tree)
    return parts is not None and parts[-1][:1].isupper()
