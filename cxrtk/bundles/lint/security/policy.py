"""Decision on whether a dotted name may be used without ``--allow-code``."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from cxrtk.bundles.lint.modules import is_stdlib
from cxrtk.bundles.lint.resolve import Found, Missing, Resolver
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.short_names import find_short_name

REGISTRIES = ("readers", "masks", "networks", "metrics", "writers", "steps")
REGISTRY_METHODS = ("create", "get", "names")
LONGEST = 300  # characters of a dotted name


@dataclass(frozen=True)
class Verdict:
    """Decision about a dotted name.

    Args:
        found: Definition of the name; None if it was not resolved, as for the standard library.
        refused: Reason of a refusal, or "".
    """

    found: Found | Missing | None
    refused: str = ""


class Policy:
    """Applies the allow-list to the object that a name resolves to, by its own module and its name there.

    Args:
        resolver: Resolver of dotted names.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def target(self, path: str) -> Verdict:
        """Decide about a ``_target_``: a short name of MONAI, a builtin, or a dotted path."""
        if "." not in path:
            short = find_short_name(path, self.resolver)
            if short is not None:
                return Verdict(short, _listed(path, short))
            if path in dir(builtins):
                return Verdict(None, "" if path in allowed.BUILTIN_TARGETS else _not_listed(path))
        return self.path(path, attribute_first=False)

    def path(self, path: str, *, attribute_first: bool = True) -> Verdict:
        """Decide about a dotted path that starts with a module."""
        top, *rest = path.split(".")
        if len(path) > LONGEST or any(name.startswith("_") for name in rest if name != "__version__"):
            return Verdict(None, _not_listed(path))
        if top == "builtins":
            return self.target(rest[0]) if len(rest) == 1 else Verdict(None, _not_listed(path))
        plain = _of_plain(path.split("."))
        if plain is not None or is_stdlib(top):
            return Verdict(None, _not_listed(path) if plain is None else plain)
        if path in allowed.SWITCHES:
            return Verdict(None)
        found = self.resolver.resolve(path, attribute_first=attribute_first)
        if isinstance(found, Missing):
            packages = {name.partition(".")[0] for name in allowed.MODULES}
            return Verdict(found, "" if top in packages or not found.where else _not_listed(top))
        if self.resolver.modules.is_local(found.module):
            return Verdict(found, f"{top} is the bundle's own code")
        return Verdict(found, _listed(path, found))

    def module(self, name: str) -> str:
        """Return why a module may not be imported, or ""; a package may if one of its modules is listed."""
        if len(name) <= LONGEST and any(f"{each}.".startswith(f"{name}.") for each in allowed.MODULES):
            return ""
        found = self.resolver.modules.find(name) if len(name) <= LONGEST else None
        if found is not None and self.resolver.modules.is_local(found):
            return f"{name} is the bundle's own code"
        return _not_listed(name)


def _listed(path: str, found: Found) -> str:
    """Return the reason why an object is refused, judged by its own module and name, or ""."""
    home, place = found.module.name, f"{found.module.name}.{found.name.partition('.')[0]}"
    if home == "cxrtk.registry" and found.name in REGISTRIES:
        return "" if found.rest in [(each,) for each in REGISTRY_METHODS] else _not_listed(path)
    if not found.name:
        return f"{path} is a module, and no value"
    inner = (*found.name.split(".")[1:], *found.rest)
    if not all(part in allowed.ATTRIBUTES or part.isupper() for part in inner):
        return _not_listed(path)
    if is_stdlib(home) and _of_plain([*home.split("."), *found.name.split(".")]) == "":
        return ""  # such as torch.inf, which is math.inf
    defined = isinstance(found.node, (ast.ClassDef, ast.FunctionDef)) and not found.name.startswith("_")
    whole = home in allowed.WHOLE and (defined or found.rest != ()) and place not in allowed.EXCEPT
    assigned = home in allowed.ASSIGNED and (defined or found.value is not None)
    if whole or assigned or place in allowed.NAMES:
        return ""
    return _not_listed(path if place == path else f"{path} ({place})")


def _of_plain(parts: list[str]) -> str | None:
    """Return why a name of a library in `allowed.PLAIN` is refused, or ""; None for any other library."""
    for count in range(len(parts), 0, -1):
        names = allowed.PLAIN.get(".".join(parts[:count]))
        if names is None:
            continue
        path, rest = ".".join(parts), parts[count:]
        if not rest:
            return f"{path} is a module, and no value"
        if rest[0] not in names and ("*" not in names or rest[0].startswith("_")):
            return _not_listed(path)
        known = allowed.BOUND.get(".".join(parts[: count + 1]), allowed.ATTRIBUTES)
        return "" if all(part in known for part in rest[1:]) else _not_listed(path)
    return None


def _not_listed(name: str) -> str:
    return f"{name[:100]} is not on the list of what a config may use"
