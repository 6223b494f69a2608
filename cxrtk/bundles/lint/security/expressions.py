"""Restricted grammar of ``$`` expressions, checked on their syntax trees."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping

from cxrtk.bundles.lint.issue import did_you_mean
from cxrtk.bundles.lint.mistake import ALLOW, Mistake, missing_name
from cxrtk.bundles.lint.resolve import Missing, chain
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.security.located import CLASSES, refused_in_call
from cxrtk.bundles.lint.security.policy import Policy, refused_attribute

GLOBALS = {"monai": "monai", "torch": "torch", "np": "numpy", "numpy": "numpy"}  # as in MONAI's ConfigParser
REFS = "__local_refs"
_REF = re.compile(r"@\w*(?:::\w*)*")
_NODES = (
    ast.Attribute, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.Dict, ast.DictComp,
    ast.FormattedValue, ast.GeneratorExp, ast.IfExp, ast.JoinedStr, ast.Lambda, ast.List, ast.ListComp,
    ast.Name, ast.NamedExpr, ast.Set, ast.SetComp, ast.Slice, ast.Starred, ast.Subscript, ast.Tuple,
    ast.UnaryOp,
)  # fmt: skip
_COMPREHENSIONS = (ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp)
# Functions that are harmless only for certain arguments.
_WHEN_CALLED = ("format", "getattr", "hasattr", "replace", "setattr")


def check_expression(text: str, names: Mapping[str, str], policy: Policy) -> Iterator[Mistake]:
    """Yield the mistakes in an expression.

    Args:
        text: Expression, including its ``$``.
        names: Dotted path of each name bound by the imports of the config.
        policy: Allow-list.
    """
    if "import" in text and "@" in text and not _parses(text[1:]):
        what = 'holds "import" and a reference, which MONAI tries to read as an import statement, and fails'
        yield Mistake(what, "rename the id, or write the expression without that word", "error")
    if REFS in text:
        yield Mistake(f"uses {REFS}, which is MONAI's own", "write @id", "security")
    source = _REF.sub(lambda match: f"{REFS}['{match.group()[1:]}']", text[1:].replace("#", "::"))
    try:
        statements = ast.parse(source).body
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else str(error)
        yield Mistake(f"is no Python expression: {problem}", "mend it", "error")
        return
    except (MemoryError, RecursionError):
        yield Mistake("is nested too deeply", "write it flatter", "error")
        return
    if len(statements) != 1:
        yield Mistake("is more than one statement", "write one expression", "error")
    yield from _Checker({**GLOBALS, **names}, policy).visit(tree, {})


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


Locals = Mapping[str, "tuple[str, ...] | None"]  # name -> possible string values, None if unknown


class _Checker:
    def __init__(self, names: Mapping[str, str], policy: Policy) -> None:
        self.names = names
        self.policy = policy

    def visit(self, node: ast.AST, env: Locals) -> Iterator[Mistake]:
        if not isinstance(node, _NODES):
            yield _refuse(f"{type(node).__name__} is not allowed")
        elif isinstance(node, (ast.Attribute, ast.Name)):
            yield from self.name(node, env)
        elif isinstance(node, ast.Call):
            yield from self.call(node, env)
        elif isinstance(node, _COMPREHENSIONS):
            yield from self.comprehension(node, env)
        elif isinstance(node, ast.Lambda):
            yield from self.function(node, env)
        elif isinstance(node, ast.NamedExpr):
            yield _refuse(":= is not allowed")
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from self.visit(child, env)

    def name(self, node: ast.Attribute | ast.Name, env: Locals) -> Iterator[Mistake]:
        """Check a name with its attributes: of a module, or of an object of unknown type."""
        parts = chain(node)
        if parts is not None and parts[0] not in env and parts[0] in self.names:
            path = ".".join([self.names[parts[0]], *parts[1:]])
            yield from self.path(path)
            return
        while isinstance(node, ast.Attribute):
            reason = refused_attribute(node.attr)
            if node.attr in _WHEN_CALLED:
                reason = f".{node.attr} may only be called"
            if reason:
                yield _refuse(reason)
            if not isinstance(node.value, (ast.Attribute, ast.Name)):
                yield from self.visit(node.value, env)
                return
            node = node.value
        if node.id in env or node.id == REFS:
            return
        if node.id in allowed.BUILTINS and node.id not in _WHEN_CALLED:
            return
        if hasattr(builtins, node.id):
            yield _refuse(f"the builtin {node.id} is not allowed")
        else:
            known = [*self.names, *env, *allowed.BUILTINS]
            cure = did_you_mean(node.id, known, f'add "$import {node.id}" to imports')
            yield Mistake(f"the name {node.id!r} is not defined", cure, "error")

    def path(self, path: str, *, called: bool = False) -> Iterator[Mistake]:
        verdict = self.policy.path(path)
        last = path.rpartition(".")[2]
        if not called and (path in ("torch.load", "numpy.load") or last in CLASSES):
            yield _refuse(f"{path} as a value is not allowed")
        elif verdict.refused:
            yield _refuse(verdict.refused)
        elif isinstance(verdict.found, Missing):
            yield missing_name(path, verdict.found)

    def call(self, node: ast.Call, env: Locals) -> Iterator[Mistake]:
        parts = chain(node.func) or []
        free = bool(parts) and parts[0] not in env
        if free and parts == ["setattr"]:
            yield from self.set_attribute(node)
            return
        for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield from self.visit(each, env)
        for keyword in node.keywords:
            yield from _keyword(keyword)
        path = ".".join([self.names[parts[0]], *parts[1:]]) if free and parts[0] in self.names else ""
        for reason in refused_in_call(path, node, self.policy):
            yield _refuse(reason)
        if path == "torch.load":
            safe = any(each.arg == "weights_only" for each in node.keywords)
            if not safe or any(each.arg is None for each in node.keywords):
                yield _refuse("torch.load without weights_only=True runs what the file says")
        elif path == "numpy.load":
            if len(node.args) > 1 or any(each.arg is None for each in node.keywords):
                yield _refuse("numpy.load may be given a file and plain arguments only")
        elif free and parts in (["getattr"], ["hasattr"]):
            yield from self.attribute_by_name(parts[0], node, env)
        elif free and parts == ["type"] and (len(node.args) != 1 or node.keywords):
            yield _refuse("type with more than one argument is not allowed")
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "eval" and node.args:
            yield _refuse(".eval of a text is not allowed")
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield from self.format(node.func, env)
        else:
            function: ast.expr = node.func
            if isinstance(function, ast.Attribute) and function.attr == "replace" and len(node.args) >= 2:
                function = function.value  # str.replace; Path.replace (a rename) takes one argument
            if path.rpartition(".")[2] in CLASSES:
                yield from self.path(path, called=True)
            else:
                yield from self.visit(function, env)

    def attribute_by_name(self, function: str, node: ast.Call, env: Locals) -> Iterator[Mistake]:
        """Check getattr and similar functions, whose attribute names must be literal."""
        names: tuple[str, ...] | None = None
        if len(node.args) > 1 and not node.keywords:
            given = node.args[1]
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                names = (given.value,)
            elif isinstance(given, ast.Name):
                names = env.get(given.id)
        if not names:
            yield _refuse(f"{function} of a name that the expression does not spell out is not allowed")
            return
        for name in names:
            reason = refused_attribute(name)
            if reason or name == "format":
                yield _refuse(f"{function}: {reason or 'format is not allowed'}")

    def set_attribute(self, node: ast.Call) -> Iterator[Mistake]:
        """Check ``setattr(torch.backends.cudnn, 'benchmark', True)``, common in bundles, and similar ones."""
        parts = (chain(node.args[0]) if node.args else None) or [""]
        path = ".".join([self.names.get(parts[0], ""), *parts[1:]])
        plain = len(node.args) == 3 and all(isinstance(each, ast.Constant) for each in node.args[1:])
        if not (plain and not node.keywords and path.startswith("torch.backends.")):
            yield _refuse("setattr is allowed for constants in torch.backends only")

    def format(self, function: ast.Attribute, env: Locals) -> Iterator[Mistake]:
        text = function.value
        if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
            yield _refuse(".format is allowed on a literal only")
        elif re.search(r"\{[^{}]*[.\[][^{}:]*[:}]", text.value) and re.search(r"\{\w*[.\[]", text.value):
            yield _refuse(".format with attributes or items in its fields is not allowed")

    def comprehension(self, node: ast.AST, env: Locals) -> Iterator[Mistake]:
        inner = dict(env)
        for each in getattr(node, "generators", []):
            if each.is_async:
                yield _refuse("async is not allowed")
            yield from self.visit(each.iter, inner)
            names = _targets(each.target)
            if names is None:
                yield _refuse("a loop that assigns to attributes or items is not allowed")
            inner.update(dict.fromkeys(names or []))
            if isinstance(each.target, ast.Name):
                inner[each.target.id] = _strings(each.iter)
            for condition in each.ifs:
                yield from self.visit(condition, inner)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                yield from self.visit(getattr(node, part), inner)

    def function(self, node: ast.Lambda, env: Locals) -> Iterator[Mistake]:
        taken = node.args
        for default in [*taken.defaults, *(each for each in taken.kw_defaults if each is not None)]:
            yield from self.visit(default, env)
        every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
        yield from self.visit(node.body, {**env, **{each.arg: None for each in every if each is not None}})


def _keyword(keyword: ast.keyword) -> Iterator[Mistake]:
    """Check arguments that make a loader trust its file; only literal constants are allowed."""
    wanted = {"weights_only": True, "allow_pickle": False}
    if keyword.arg in wanted:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if value is not wanted[keyword.arg]:
            yield _refuse(f"{keyword.arg} other than {wanted[keyword.arg]} is not allowed")
    if keyword.arg == "file":
        yield _refuse("the argument file= is not allowed")
    if keyword.arg is None and isinstance(keyword.value, ast.Dict):
        for key in keyword.value.keys:
            if isinstance(key, ast.Constant) and key.value in wanted:
                yield _refuse(f"**{{{key.value!r}: ...}} is not allowed")


def _targets(target: ast.expr) -> list[str] | None:
    """Names bound by a loop; None if it binds anything else."""
    parts = [node for node in ast.walk(target) if not isinstance(node, ast.expr_context)]
    if not all(isinstance(each, (ast.List, ast.Name, ast.Starred, ast.Tuple)) for each in parts):
        return None
    return [each.id for each in parts if isinstance(each, ast.Name)]


def _strings(node: ast.expr) -> tuple[str, ...] | None:
    """Strings of a literal tuple or list that a loop iterates over."""
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [each.value for each in node.elts if isinstance(each, ast.Constant)]
        if len(values) == len(node.elts) and all(isinstance(each, str) for each in values):
            return tuple(str(each) for each in values)
    return None


def _refuse(what: str) -> Mistake:
    return Mistake(what, ALLOW, "security")
