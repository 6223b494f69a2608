"""Decision whether a dotted name may be used without ``--allow-code``."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from cxrtk.bundles.lint.modules import is_stdlib
from cxrtk.bundles.lint.resolve import Found, Missing, Resolver, chain
from cxrtk.bundles.lint.security import allowed
from cxrtk.bundles.lint.short_names import find_short_name

REGISTRIES = ("readers", "masks", "networks", "metrics", "writers", "steps")
REGISTRY_METHODS = ("create", "get", "names")


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
    """Applies the allow-list to the module that *defines* a name, not to those that import it.

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
                return Verdict(short, self._of_package(short.path, short))
            if path in dir(builtins):
                refused = "" if path in allowed.BUILTIN_TARGETS else f"the builtin {path} is not allowed"
                return Verdict(None, refused)
        return self.path(path, attribute_first=False)

    def path(self, path: str, *, attribute_first: bool = True) -> Verdict:
        """Decide about a dotted path that starts with a module."""
        top, *rest = path.split(".")
        if top == "builtins":
            return self.target(rest[0]) if len(rest) == 1 else Verdict(None, "builtins are not allowed")
        for part in rest:
            reason = refused_attribute(part)
            if reason:
                return Verdict(self._look(path, attribute_first), reason)
        if top == "numpy":
            return Verdict(None, _of_numpy(rest))
        if is_stdlib(top):
            return Verdict(None, _of_standard(path))
        found = self._look(path, attribute_first)
        if isinstance(found, Missing):
            refused = "" if top in allowed.PACKAGES or not found.where else f"{top} is not on the allow-list"
            return Verdict(found, refused)
        if top not in allowed.PACKAGES:
            whose = "the bundle's own code" if self.resolver.modules.is_local(found.module) else "not allowed"
            return Verdict(found, f"{top} is {whose}")
        return Verdict(found, self._of_package(path, found))

    def module(self, name: str) -> str:
        """Reason why a module may not be imported, or ""."""
        top = name.partition(".")[0]
        if any(part.startswith("_") for part in name.split(".")):
            return f"{name} is private"
        if top == "numpy":
            numpy = name == top or name.removeprefix("numpy.") in allowed.NUMPY_PACKAGES
            return "" if numpy else f"{name} is not allowed"
        if top in allowed.PACKAGES:
            refused = any(_within(name, each) for each in allowed.REFUSED_MODULES)
            return f"{name} is not allowed" if refused and name != "torch.multiprocessing" else ""
        if name in allowed.STANDARD or name == "os.path":
            return ""
        return f"{name} is not on the allow-list"

    def _look(self, path: str, attribute_first: bool) -> Found | Missing:
        return self.resolver.resolve(path, attribute_first=attribute_first)

    def _of_package(self, path: str, found: Found) -> str:
        """Reason why an object of an allowed package may not be used, or ""."""
        home = found.module.name
        place = f"{home}.{found.name}"
        if _is_registry(found):
            return "" if found.rest in [(each,) for each in REGISTRY_METHODS] else "only its create() is"
        if place in allowed.ALLOWED_NAMES:
            return ""
        if home.partition(".")[0] not in allowed.PACKAGES:
            if is_stdlib(home) and not _of_standard(found.path):
                return ""  # such as torch.inf, which is math.inf
            return f"{path} is {found.path}, which {path.partition('.')[0]} only imports"
        if not found.name:
            return f"{path} is a module"
        if any(_within(home, each) or _within(place, each) for each in allowed.REFUSED_MODULES):
            return f"{place} is not allowed"
        if place in allowed.REFUSED_NAMES or path in allowed.REFUSED_NAMES:
            return f"{place} is not allowed"
        if home.startswith("torch") and not _of_torch(path, home):
            return f"{path} is not allowed"
        if path.startswith("cxrtk.") and home == ".".join(path.split(".")[:3]) and home.count(".") == 2:
            public = ("cxrtk.data.regions", "cxrtk.data.pixels", "cxrtk.data.phantom")
            return "" if home in public else f"{home} is private to cxrtk"
        return self._of_value(path, found)

    def _of_value(self, path: str, found: Found) -> str:
        """Decide about an object created by a module, by the callable that creates it."""
        for call in ast.walk(found.value) if found.value is not None else ():
            if isinstance(call, ast.Call):
                refused = self._maker(path, found, call)
                if refused:
                    return refused
        return ""

    def _maker(self, path: str, found: Found, call: ast.Call) -> str:
        parts = chain(call.func)
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
            return ""  # a string that is formatted
        if parts is None:
            return f"what {path} is cannot be told"
        if len(parts) == 1 and parts[0] in allowed.BUILTIN_TARGETS:
            return ""
        maker = self.resolver.attribute(found.module, parts[0])
        if isinstance(maker, Found) and parts[1:]:
            maker = self.resolver.resolve(".".join([maker.path, *parts[1:]]), attribute_first=True)
        if not isinstance(maker, Found) or maker.module.name == "monai.utils.module":
            return f"{path} is not defined there, only brought in"
        top = maker.module.name.partition(".")[0]
        return "" if top in allowed.PACKAGES else f"{path} is made by {maker.path}"


def refused_attribute(name: str) -> str:
    """Reason why an attribute of any object may not be used, or ""."""
    if name in allowed.PLAIN_DUNDERS:
        return ""
    if name.startswith("_"):
        return f"{name} is private"
    return f".{name} is not allowed" if name in allowed.REFUSED_ATTRIBUTES else ""


def _is_registry(found: Found) -> bool:
    return found.module.name == "cxrtk.registry" and found.name in REGISTRIES


def _of_torch(path: str, home: str) -> bool:
    if path == home or home.partition(".")[0] != "torch":
        return True
    if home.startswith("torch.distributed"):
        return home in allowed.TORCH_DISTRIBUTED
    if any(_within(home, each) for each in allowed.TORCH_REFUSED_IN):
        return False
    rest = path.removeprefix("torch.")
    return (
        "." not in rest or any(_within(rest, each) for each in allowed.TORCH) or not path.startswith("torch.")
    )


def _of_standard(path: str) -> str:
    for module, names in allowed.STANDARD.items():
        if path == module:
            return f"{path} is a module"
        if not path.startswith(module + "."):
            continue
        name = path[len(module) + 1 :]
        first = name.partition(".")[0]
        if name in names or first in names & allowed.OPEN or ("*" in names and "." not in name):
            return ""
    return f"{path} is not allowed"


def _of_numpy(rest: list[str]) -> str:
    name = ".".join(rest)
    if not rest:
        return "numpy is a module"
    if rest[0] in allowed.NUMPY_PACKAGES:
        return "" if len(rest) == 2 else f"numpy.{name} is a module" if len(rest) == 1 else "is not allowed"
    if rest[0] in allowed.NUMPY_REFUSED or (is_stdlib(rest[0]) and rest[0] not in allowed.NUMPY_FUNCTIONS):
        return f"numpy.{name} is not allowed"
    return ""


def _within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")
