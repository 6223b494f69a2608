"""Restricted grammar of ``$`` expressions, checked on their syntax trees."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping

from cxrtk.bundles.lint.evaluated import REFS, source_of
from cxrtk.bundles.lint.issue import did_you_mean
from cxrtk.bundles.lint.mistake import ALLOW, Mistake, missing_name
from cxrtk.bundles.lint.resolve import Found, Missing, chain
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.security.arguments import check_call
from cxrtk.bundles.lint.security.imports import GLOBALS
from cxrtk.bundles.lint.security.policy import Policy, Verdict

LONGEST = 10_000  # characters of an expression
_NODES = tuple(getattr(ast, name) for name in allowed.NODES)
_COMPREHENSIONS = (ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp)
Locals = Mapping[str, "tuple[str, ...] | None"]  # name -> possible string values, None if unknown


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
    try:
        if len(text) > LONGEST:
            raise RecursionError
        statements = ast.parse(source_of(text)).body
        tree = ast.parse(source_of(text), mode="eval").body
    except (SyntaxError, ValueError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else str(error)
        yield Mistake(f"is not a Python expression: {problem}", "correct it", "error")
        return
    except (MemoryError, RecursionError):
        yield Mistake("is too long, or nested too deeply", "simplify it", "error")
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
        else:
            for child in ast.iter_child_nodes(node):
                reads = isinstance(node, ast.Subscript) and child is node.value
                finds = isinstance(node, ast.Compare) and child in node.comparators
                if isinstance(child, ast.expr) and not (
                    (reads or finds) and self.path_of(child, env) == "os.environ"
                ):
                    yield from self.visit(child, env)

    def path_of(self, node: ast.AST, env: Locals) -> str:
        """Return the dotted path of an imported name with its attributes; "" for anything else."""
        parts = chain(node) if isinstance(node, ast.expr) else None
        if parts is None or parts[0] in env or parts[0] not in self.names:
            return ""
        return ".".join([self.names[parts[0]], *parts[1:]])

    def name(self, node: ast.Attribute | ast.Name, env: Locals) -> Iterator[Mistake]:
        """Check a name with its attributes: of a module, or of an object of unknown type."""
        path = self.path_of(node, env)
        if path:
            verdict = self.policy.path(path)
            if path in allowed.NO_VALUES or path.rpartition(".")[2] in allowed.LOCATE:
                yield _refuse(f"{path} as a value is not allowed")
            else:
                yield from self.verdict(path, verdict)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value).startswith("type("):
            yield from self.type_name(node, env)
        elif isinstance(node, ast.Attribute):
            if node.attr not in allowed.ATTRIBUTES:
                yield _refuse(f".{node.attr} is not on the list of attributes that a config may use")
            yield from self.visit(node.value, env)
        elif node.id not in env and node.id != REFS and node.id not in allowed.BUILTINS:
            if hasattr(builtins, node.id):
                yield _refuse(f"the builtin {node.id} is not allowed")
            else:
                known = [*self.names, *env, *allowed.BUILTINS]
                cure = did_you_mean(node.id, known, f'add "$import {node.id}" to imports')
                yield Mistake(f"the name {node.id!r} is not defined", cure, "error")

    def type_name(self, node: ast.Attribute, env: Locals) -> Iterator[Mistake]:
        """Check ``type(x).__name__``; a config may not use the type itself."""
        if not isinstance(node.value, ast.Call) or len(node.value.args) != 1 or node.attr != "__name__":
            yield _refuse("type is allowed for the name of a type only, as in type(x).__name__")
        else:
            yield from self.visit(node.value.args[0], env)

    def verdict(self, path: str, verdict: Verdict) -> Iterator[Mistake]:
        if verdict.refused:
            yield _refuse(verdict.refused)
        elif isinstance(verdict.found, Missing):
            yield missing_name(path, verdict.found)

    def call(self, node: ast.Call, env: Locals) -> Iterator[Mistake]:
        called = node.func
        special = called.id if isinstance(called, ast.Name) and called.id not in {*env, *self.names} else ""
        if special in ("getattr", "hasattr"):
            yield from self.attribute_by_name(special, node, env)
            return
        if special == "setattr":
            yield from self.set_attribute(node, env)
            return
        for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield from self.visit(each, env)
        path = self.path_of(called, env)
        verdict = self.policy.path(path) if path else Verdict(None)
        found = verdict.found if isinstance(verdict.found, Found) else None
        for _, reason in check_call(path, found, node, self.names, self.policy):
            yield _refuse(reason)
        if path:
            if path in allowed.OBJECTS:
                yield _refuse(f"{path} as a value is not allowed")
            yield from self.verdict(path, verdict)
        elif isinstance(called, ast.Attribute) and called.attr in ("eval", "format", "replace"):
            yield from self.method(called, node)
            yield from self.visit(called.value, env)
        else:
            yield from self.visit(called, env)

    def method(self, called: ast.Attribute, node: ast.Call) -> Iterator[Mistake]:
        """Check methods that are harmless only for some arguments."""
        text = called.value.value if isinstance(called.value, ast.Constant) else None
        plain = not any(isinstance(each, ast.Starred) for each in node.args)
        if called.attr == "format" and not isinstance(text, str):
            yield _refuse(".format is allowed on a literal only")
        elif called.attr == "format" and re.search(r"\{\w*[.\[]", str(text)):
            yield _refuse(".format with attributes or items in its fields is not allowed")
        elif called.attr == "replace" and not (plain and len(node.args) >= 2):
            yield _refuse(".replace is allowed with two arguments only")  # with one, a path is renamed
        elif called.attr == "eval" and (node.args or node.keywords):
            yield _refuse(".eval of a text is not allowed")

    def attribute_by_name(self, function: str, node: ast.Call, env: Locals) -> Iterator[Mistake]:
        """Check getattr and hasattr like the attribute that they access; its name must be a literal."""
        given = node.args[1] if len(node.args) > 1 and not node.keywords else None
        names: tuple[object, ...] = (given.value,) if isinstance(given, ast.Constant) else ()
        if isinstance(given, ast.Name):
            names = env.get(given.id) or ()
        if not names or not all(isinstance(each, str) and each.isidentifier() for each in names):
            yield _refuse(f"{function} of a name that the expression does not spell out is not allowed")
        for each in names:
            if function == "getattr" or not self.path_of(node.args[0], env):
                yield from self.name(ast.Attribute(node.args[0], str(each), ast.Load()), env)
        for rest in node.args[2:]:
            yield from self.visit(rest, env)

    def set_attribute(self, node: ast.Call, env: Locals) -> Iterator[Mistake]:
        """Check ``setattr(torch.backends.cudnn, 'benchmark', True)``, common in bundles, and similar ones."""
        plain = len(node.args) == 3 and not node.keywords
        given = node.args[1].value if plain and isinstance(node.args[1], ast.Constant) else ""
        name = given if isinstance(given, str) else ""
        path = self.path_of(node.args[0], env) if plain else ""
        if f"{path}.{name}" in allowed.SWITCHES and isinstance(node.args[2], ast.Constant):
            return
        if path or name not in allowed.SETTABLE:
            yield _refuse("setattr is allowed for switches of torch.backends, and for plain settings, only")
        for each in node.args:
            if not path or each is not node.args[0]:
                yield from self.visit(each, env)

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


def _targets(target: ast.expr) -> list[str] | None:
    """Return the names bound by a loop; None if it binds anything else."""
    parts = [node for node in ast.walk(target) if not isinstance(node, ast.expr_context)]
    if not all(isinstance(each, (ast.List, ast.Name, ast.Starred, ast.Tuple)) for each in parts):
        return None
    return [each.id for each in parts if isinstance(each, ast.Name)]


def _strings(node: ast.expr) -> tuple[str, ...] | None:
    """Return the strings of a literal tuple or list that a loop iterates over."""
    values = [each.value for each in getattr(node, "elts", []) if isinstance(each, ast.Constant)]
    literal = isinstance(node, (ast.List, ast.Tuple)) and len(values) == len(node.elts)
    return tuple(map(str, values)) if literal and all(isinstance(each, str) for each in values) else None


def _refuse(what: str) -> Mistake:
    return Mistake(what, ALLOW, "security")
