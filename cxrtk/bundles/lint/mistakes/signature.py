"""Signatures of classes and functions, from their syntax trees; None if a signature is uncertain."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from cxrtk.bundles.lint.resolve import Found, Resolver, chain
from cxrtk.bundles.lint.symbols import class_table

# Decorators that do not change the signature of a function.
TRANSPARENT = {
    "abstractmethod", "alias", "autocast", "cache", "classmethod", "contextmanager", "deprecated",
    "deprecated_arg", "deprecated_arg_default", "export", "final", "inference_mode", "lru_cache", "no_grad",
    "override", "register", "require_pkg", "runtime_checkable", "staticmethod", "total_ordering",
}  # fmt: skip
# Bases that add no parameters to a class.
BARE = {"object", "ABC", "Generic", "Protocol"}


@dataclass
class Parameters:
    """Parameters that can be passed by keyword.

    Args:
        names: Annotation of each parameter, None if it has none.
        required: Parameters without a default.
        extra: Names that are accepted without being listed, such as deprecated ones.
        open: Whether any keyword is accepted.
        defaults: Known defaults, by parameter.
    """

    names: dict[str, ast.expr | None] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    extra: set[str] = field(default_factory=set)
    open: bool = False
    defaults: dict[str, ast.expr] = field(default_factory=dict)


def parameters(found: Found, resolver: Resolver) -> Parameters | None:
    """Return the parameters of a class or function, or None if they are uncertain."""
    if isinstance(found.node, ast.ClassDef):
        return _of_class(found, resolver, 0)
    if found.node is None or found.rest:
        return None
    decorators = _decorators(found.node)
    if found.owner is None:
        return _of_function(found.node, skip=0)
    if "staticmethod" in decorators:
        return _of_function(found.node, skip=0)
    return _of_function(found.node, skip=1) if "classmethod" in decorators else None


def _of_class(found: Found, resolver: Resolver, depth: int) -> Parameters | None:
    node = found.node
    if not isinstance(node, ast.ClassDef) or depth > 20:
        return None
    decorators = _decorators(node)
    if "dataclass" in decorators:
        return _of_dataclass(node)
    if not decorators <= TRANSPARENT or node.keywords:  # a metaclass may accept anything
        if any(each.arg != "metaclass" or chain(each.value) not in _ABSTRACT for each in node.keywords):
            return None
        if not decorators <= TRANSPARENT:
            return None
    body = class_table(node).names
    if "__new__" in body:
        return None
    init = body.get("__init__")
    if isinstance(init, ast.FunctionDef):
        return _of_function(init, skip=1)
    if init is not None:
        return None
    for base in node.bases:
        parts = chain(base.value if isinstance(base, ast.Subscript) else base)
        if parts is None:
            return None
        if parts[-1] in BARE:
            continue
        parent = resolver.attribute(found.module, parts[0])
        if isinstance(parent, Found) and parts[1:]:
            followed = resolver.resolve(".".join([parent.path, *parts[1:]]), attribute_first=True)
            parent = followed
        if not isinstance(parent, Found) or not isinstance(parent.node, ast.ClassDef):
            return None
        inherited = _of_class(parent, resolver, depth + 1)
        if inherited is None or inherited.names or inherited.open:
            return inherited
    return Parameters()


_ABSTRACT = (["ABCMeta"], ["abc", "ABCMeta"])


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef, skip: int) -> Parameters | None:
    if not _decorators(node) <= TRANSPARENT:
        return None
    taken = node.args
    if len(taken.posonlyargs) > skip:
        return None  # positional-only
    positional = [*taken.posonlyargs, *taken.args]
    found = Parameters(open=taken.kwarg is not None, extra=_deprecated(node))
    without_default = len(positional) - len(taken.defaults)
    for index, each in enumerate(positional[skip:], skip):
        found.names[each.arg] = each.annotation
        if index < without_default:
            found.required.append(each.arg)
        else:
            found.defaults[each.arg] = taken.defaults[index - without_default]
    for each, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True):
        found.names[each.arg] = each.annotation
        if default is None:
            found.required.append(each.arg)
        else:
            found.defaults[each.arg] = default
    return found


def _of_dataclass(node: ast.ClassDef) -> Parameters | None:
    if any((chain(base) or [""])[-1] not in BARE for base in node.bases):
        return None
    found = Parameters()
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            return _of_function(statement, skip=1)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if "ClassVar" in ast.unparse(statement.annotation):
                continue
            found.names[statement.target.id] = statement.annotation
            if statement.value is None:
                found.required.append(statement.target.id)
            elif isinstance(statement.value, ast.Call):
                found.extra.add(statement.target.id)  # field(...): a default is possible
    return found


def _decorators(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    called = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    return {(chain(each) or ["?"])[-1] for each in called}


def _deprecated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names that a decorator such as MONAI's ``deprecated_arg`` still accepts."""
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    values = [value for call in calls for value in [*call.args, *(each.value for each in call.keywords)]]
    return {each.value for each in values if isinstance(each, ast.Constant) and isinstance(each.value, str)}
