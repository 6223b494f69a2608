"""Permission of components: the object that a ``_target_`` resolves to, and its arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cxrtk.bundles.lint.evaluated import source_of
from cxrtk.bundles.lint.references import literal, refs
from cxrtk.bundles.lint.resolve import Found, chain
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.security.arguments import check_call
from cxrtk.bundles.lint.security.imports import GLOBALS
from cxrtk.bundles.lint.security.policy import Policy, Verdict
from cxrtk.bundles.lint.tree import Node, get

UNKNOWN = ast.Subscript(ast.Name("_"), ast.Constant(""))  # an expression that is not a plain value


def refused_component(root: Node, node: Node, verdict: Verdict, policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield (argument, reason) for each refusal in a component; the argument is "" for its target.

    Args:
        root: Whole config.
        node: Component.
        verdict: Decision about its target, if that is a plain name.
        policy: Allow-list.
    """
    target = str(node.mapping["_target_"].value)
    mode = literal(root, node.mapping.get("_mode_"))
    if verdict.refused:
        yield "", f"_target_ {target}: {verdict.refused}"
    if target[:1] in ("$", "@") and not _callable(root, node.mapping["_target_"], policy):
        yield "", f"what {target[:60]} calls cannot be determined"
    if mode not in (None, "default", "callable") or "_debug_" in node.mapping:
        yield "", "stops in a debugger, which runs whatever is typed"
    found = verdict.found if isinstance(verdict.found, Found) else None
    name = found.name if found is not None else target.rpartition(".")[2]
    if target in allowed.OBJECTS:
        yield "", f"_target_ {target} is not a class or function"
    if mode not in (None, "default") and (name in allowed.LOCATE or target in allowed.NO_VALUES):
        yield "", f"{name} to be called later is not allowed"
    arguments = [ast.keyword(key, _value(root, each)) for key, each in node.mapping.items() if key[:1] != "_"]
    call = ast.Call(ast.Name("_"), [], arguments)
    yield from check_call(found.path if found is not None else target, found, call, GLOBALS, policy)


def _value(root: Node, node: Node, depth: int = 0) -> ast.expr:
    """Return an argument's value as an expression, with references to values and components resolved."""
    if isinstance(node.value, list):
        return ast.List([_value(root, each, depth) for each in node.value])
    text = str(node.mapping["_target_"].value) if node.is_component else literal(root, node)
    if isinstance(text, str) and text.startswith("@") and depth < 20:
        target = get(root, (refs(text) or [""])[0])
        return UNKNOWN if target is None else _value(root, target, depth + 1)
    if isinstance(text, str) and (node.is_component or text.startswith("$")):
        try:
            return ast.parse((text if node.is_component else source_of(text)).strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return UNKNOWN
    return ast.Constant(text) if text is None or isinstance(text, (bool, int, float, str)) else UNKNOWN


def _callable(root: Node, node: Node, policy: Policy, depth: int = 0) -> bool:
    """Return whether a ``_target_`` given by an expression or reference is not a string to be looked up."""
    text = str(node.value)
    if node.is_component:
        found = policy.target(str(node.mapping["_target_"].value)).found
        return isinstance(found, Found) and isinstance(found.node, ast.ClassDef)
    if text.startswith("@") and depth < 20:
        target = get(root, (refs(text) or [""])[0])
        return target is not None and _callable(root, target, policy, depth + 1)
    tree = _value(root, node) if text.startswith("$") else UNKNOWN
    if isinstance(tree, ast.Subscript) and text[1:2] == "@" and depth < 20:  # $@id
        return _callable(root, Node(text[1:].strip(), node.file), policy, depth + 1)
    is_class = chain(tree) is not None and isinstance(tree, ast.Attribute) and tree.attr[0].isupper()
    return isinstance(tree, ast.Lambda) or is_class or getattr(tree, "attr", "") in allowed.METHODS
