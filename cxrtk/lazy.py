"""Lazy attribute lookup for packages, so that importing them is fast.

Public names are declared once, in the ``__init__.pyi`` beside a package's ``__init__.py`` (SPEC 1 of
Scientific Python). Old names of moved objects still work, with a deprecation warning that gives the new name.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import lazy_loader

# Old names, used by configs and scripts of earlier versions -> new location.
MOVED: Mapping[str, str] = MappingProxyType(
    {
        "cxrtk.inference.find_model": "cxrtk.models.find_model",
        "cxrtk.inference.read_ahead": "cxrtk.passes.read_ahead",
        "cxrtk.inference.splits_beside": "cxrtk.models.splits_beside",
        "cxrtk.training.cpu_has_bf16": "cxrtk.process.device.cpu_has_bf16",
    }
)


def attach(
    package: str, file: str, *bound: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package.

    Args:
        package: The package's `__name__`.
        file: The package's `__file__`; the stub lies beside it.
        bound: Public names that the package binds itself.
    """
    find, _, public = lazy_loader.attach_stub(package, file)
    names = sorted([*public, *bound])

    def get(name: str) -> Any:
        if name not in public:
            return _moved(package, name)
        return find(name)

    return get, names.copy, names.copy()


def _moved(package: str, name: str) -> Any:
    new = MOVED.get(f"{package}.{name}")
    if new is None:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    text = f"{package}.{name} is now {new}; the old name will go in a later version."
    warnings.warn(text, FutureWarning, stacklevel=3)
    module, _, attribute = new.rpartition(".")
    return getattr(import_module(module), attribute)
