"""Arguments that make a harmless target trust a file, access the network, or look up a string as code."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from cxrtk.bundles.lint.mistakes.signature import Parameters, parameters
from cxrtk.bundles.lint.resolve import Found, Missing, chain
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.security.policy import Policy


def check_call(
    path: str, found: Found | None, node: ast.Call, names: Mapping[str, str], policy: Policy
) -> Iterator[tuple[str, str]]:
    """Yield (argument, reason) for the arguments of a call that are refused.

    Args:
        path: Dotted path of the callable; "" if it is not known.
        found: Definition of the callable, if there is one.
        node: Call; for a component, with all arguments given by keyword.
        names: Dotted path of each imported name.
        policy: Allow-list.
    """
    taken = parameters(found, policy.resolver) if found is not None and found.node is not None else None
    taken = taken or Parameters()
    order = allowed.FILES.get(path, tuple(taken.names))
    given: dict[str | None, ast.expr] = dict(zip(order, node.args, strict=False))
    given.update({each.arg: each.value for each in node.keywords})
    short = found.name if found is not None else path.rpartition(".")[2]
    locates = short in allowed.LOCATE
    strict = locates or path in allowed.FILES
    spread = None in given or any(isinstance(each, ast.Starred) for each in node.args)
    if spread and (strict or {*allowed.VALUES, "weights"} & {*order}):
        yield "", f"{short} with arguments by * or ** is not allowed"
    if strict and len(node.args) > len(order):
        yield "", f"so many arguments of {short} are not allowed"
    for key, value in given.items():
        if key is None and isinstance(value, ast.Dict):
            keys = [each.value for each in value.keys if isinstance(each, ast.Constant)]
            yield from (
                ("", f"**{{{each!r}: ...}} is not allowed") for each in keys if each in allowed.VALUES
            )
        elif key in allowed.LOCATED and (locates or not path):
            yield from ((key, reason) for reason in _located(value, names, policy))
        elif key == "file" and path != "numpy.load" and found is None:
            yield key, "the argument file is not allowed"
        elif key is not None and not (key == "pretrained" and path.startswith("cxrtk.")):
            reason = _trusting(key, value, short in allowed.WEIGHTS)
            yield from [(key, reason)] if reason else []
    for text in node.args if locates else ():
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and "." in text.value:
            reason = refused_text(text.value, policy)
            yield from [("", reason)] if reason else []
    for name in ("pretrained", "download"):
        default = taken.defaults.get(name) if name not in given else None
        if isinstance(default, ast.Constant) and default.value:
            yield "", f"{path}: {name} is true by default, which downloads"


def _trusting(key: str, value: ast.expr, wide: bool) -> str:
    """Return the reason why the value of an argument is refused, or ""."""
    wanted = ("None",) if wide and key == "weights" else allowed.VALUES.get(key)
    if wanted is None or (isinstance(value, ast.Constant) and ast.unparse(value) in wanted):
        return ""
    return f"{key} other than {' or '.join(wanted)} is not allowed"


def _located(value: ast.expr, names: Mapping[str, str], policy: Policy) -> Iterator[str]:
    """Yield reasons to refuse what is looked up as a class: a text, a class, an object of one, or a list."""
    for each in value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]:
        parts = chain(each.func if isinstance(each, ast.Call) else each)
        if isinstance(each, ast.Constant):
            reason = refused_text(each.value, policy)
        elif parts is not None:
            reason = refused_text(".".join([names.get(parts[0], parts[0]), *parts[1:]]), policy)
        else:
            reason = f"what class {ast.unparse(each)[:60]} is cannot be determined"
        yield from [f"is looked up as a class: {reason}"] if reason else []


def refused_text(text: object, policy: Policy) -> str:
    """Return why MONAI may not look up a string as a class, or ""; it also looks up names of readers."""
    if not isinstance(text, str):
        return "" if text is None else f"{text!r} is not a class"
    verdict = policy.path(f"monai.data.{text}") if text.isidentifier() else policy.target(text)
    if isinstance(verdict.found, Missing) and text.isidentifier():
        verdict = policy.target(text)
    if verdict.refused or isinstance(verdict.found, Missing):
        return verdict.refused
    is_class = isinstance(verdict.found, Found) and isinstance(verdict.found.node, ast.ClassDef)
    return "" if is_class else f"{text[:60]} is not a class of a reader, writer or merger"
