"""Resolution of dotted names to their definitions, without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cxrtk.bundles.lint.modules import Module, Modules, submodules
from cxrtk.bundles.lint.symbols import Definition, Import, Value, class_table, definition, table
from cxrtk.lazy import MOVED

DEEPEST = 30  # maximum number of chained re-exports, against cycles


@dataclass(frozen=True)
class Found:
    """Result of resolving a dotted name.

    Args:
        module: Module of the last part that could be resolved.
        name: Name in that module; "" for the module itself.
        node: Syntax tree, if it is a class or function.
        value: Assigned expression, if it is a variable.
        rest: Trailing attributes that could not be resolved.
        owner: Class that has `node` as a method.
    """

    module: Module
    name: str = ""
    node: Definition | None = None
    value: ast.expr | None = None
    rest: tuple[str, ...] = ()
    owner: ast.ClassDef | None = None

    @property
    def path(self) -> str:
        """Dotted name of the definition."""
        return ".".join([self.module.name, *([self.name] if self.name else []), *self.rest])


@dataclass(frozen=True)
class Missing:
    """A dotted name that does not exist: the missing part, its location, and the existing alternatives."""

    name: str
    where: str
    known: tuple[str, ...]


class Resolver:
    """Resolves dotted names through modules, re-exports and aliases.

    Args:
        modules: Finder of modules.
    """

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._known: dict[tuple[str, bool], Found | Missing] = {}

    def resolve(self, path: str, *, attribute_first: bool = False) -> Found | Missing:
        """Resolve a dotted name.

        Args:
            path: Dotted name, such as ``monai.networks.nets.UNet``.
            attribute_first: Whether a name in a package's ``__init__`` takes precedence over a submodule of
                the same name, as in an expression, or the reverse, as for a ``_target_``.
        """
        key = (path, attribute_first)
        if key not in self._known:
            self._known[key] = self._resolve(path, attribute_first)
        return self._known[key]

    def _resolve(self, path: str, attribute_first: bool) -> Found | Missing:
        top, *rest = path.split(".")
        module = self.modules.find(top)
        if module is None:
            return Missing(top, "", ())
        while rest:
            deeper = self.modules.find(f"{module.name}.{rest[0]}") if module.folders else None
            if deeper is not None and attribute_first:
                # An import with the name of the submodule gives the submodule, or the object named after it.
                found = self.attribute(module, rest[0])
                if isinstance(found, Found) and (found.node or found.value):
                    return self._follow(found, rest[1:])
            if deeper is None:
                found = self.attribute(module, rest[0])
                return found if isinstance(found, Missing) else self._follow(found, rest[1:])
            module, rest = deeper, rest[1:]
        return Found(module)

    def _follow(self, found: Found, rest: Sequence[str]) -> Found | Missing:
        """Continue from an object in a module."""
        if not rest:
            return found
        if not found.name:
            return self._resolve(".".join([found.module.name, *rest]), True)
        if isinstance(found.node, ast.ClassDef) and not found.owner:
            inner = class_table(found.node).names.get(rest[0])
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and len(rest) == 1:
                return replace(found, name=f"{found.name}.{rest[0]}", node=inner, owner=found.node)
        return replace(found, rest=tuple(rest), node=None)

    def attribute(self, module: Module, name: str, depth: int = 0) -> Found | Missing:
        """Resolve a name in a module through any number of re-exports."""
        if module.file is None or depth > DEEPEST:
            return Found(module, name)  # compiled, or nested too deeply: unknown
        node = definition(module.file, name)
        if node is not None:
            return Found(module, name, node)
        names = table(module.file, module.package)
        binding = names.names.get(name) or _moved(module, name)
        if isinstance(binding, Import):
            return self._import(binding, module, name, depth)
        if isinstance(binding, Value):
            return self._value(binding.expression, module, name, depth)
        if binding is not None:
            return Found(module, name, binding)
        unknown = names.dynamic
        for star in names.stars:
            source = self.modules.find(star)
            found = Missing(name, star, ()) if source is None else self.attribute(source, name, depth + 1)
            if isinstance(found, Found) and (found.node or found.value or not found.name):
                return found
            unknown |= isinstance(found, Found) or source is None
        if unknown:
            return Found(module, name)
        return Missing(name, module.name, (*names.names, *submodules(module), *self._starred(names.stars)))

    def _import(self, binding: Import, module: Module, name: str, depth: int) -> Found | Missing:
        target = self.modules.find(binding.module)
        if target is None:
            return Found(Module(binding.module, None), binding.name)  # not installed
        if not binding.name:
            return Found(target)
        if target.name == module.name and binding.name == name:
            inner = self.modules.find(f"{target.name}.{name}")
            return Found(inner) if inner else Found(module, name)
        found = self.attribute(target, binding.name, depth + 1)
        if isinstance(found, Found) and (found.node or found.value or not found.name):
            return found
        inner = self.modules.find(f"{target.name}.{binding.name}")
        if inner is not None:
            return Found(inner)
        return found if isinstance(found, Found) else Found(target, binding.name)

    def _value(self, value: ast.expr | None, module: Module, name: str, depth: int) -> Found | Missing:
        """Resolve an assigned name: an alias of another name, or an object known only by its expression."""
        parts = chain(value) if value is not None else None
        if parts:
            if parts[0] == name:
                return Found(module, name, value=value)
            found = self.attribute(module, parts[0], depth + 1)
            if isinstance(found, Found):
                followed = self._follow(found, parts[1:])
                if isinstance(followed, Found):
                    return followed
        return Found(module, name, value=value)

    def _starred(self, stars: Sequence[str]) -> list[str]:
        names: list[str] = []
        for star in stars:
            module = self.modules.find(star)
            if module is not None and module.file is not None:
                names += table(module.file, module.package).names
        return names


def _moved(module: Module, name: str) -> Import | None:
    """Return the new location of a name that was moved within cxrtk."""
    new = MOVED.get(f"{module.name}.{name}")
    if new is None:
        return None
    home, _, attribute = new.rpartition(".")
    return Import(home, attribute)


def chain(node: ast.expr) -> list[str] | None:
    """Split ``a.b.c`` to ["a", "b", "c"]; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else None
