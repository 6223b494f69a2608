"""The allow-list of ``allowed.toml``: modules, names and attributes that need no ``--allow-code``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomllib

_LISTS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _full(table: str) -> frozenset[str]:
    """Full names of a table: ``a = "b c"`` is ``a.b`` and ``a.c``; ``.`` is the module itself."""
    rows = ((module, name) for module, names in _LISTS[table].items() for name in names.split())
    return frozenset(module if name == "." else f"{module}.{name}" for module, name in rows)


BUILTINS = frozenset(_LISTS["builtins"].split())
BUILTIN_TARGETS = frozenset(_LISTS["builtin_targets"].split())
SETTABLE = frozenset(_LISTS["settable"].split())
METHODS = frozenset(_LISTS["methods"].split())
ATTRIBUTES = METHODS | frozenset(_LISTS["attributes"].split())
ASSIGNED = frozenset(_LISTS["assigned"].split())
WHOLE = _full("whole")
NAMES = _full("names")
EXCEPT = _full("except")
SWITCHES = _full("switches")
PLAIN: dict[str, frozenset[str]] = {key: frozenset(names.split()) for key, names in _LISTS["plain"].items()}
BOUND: dict[str, frozenset[str]] = {key: frozenset(names.split()) for key, names in _LISTS["bound"].items()}
MODULES = WHOLE | _LISTS["names"].keys() | PLAIN.keys() | {"cxrtk.registry"}
