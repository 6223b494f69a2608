"""The allow-list of ``allowed.toml``: modules, names and attributes that need no ``--allow-code``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomllib

_LISTS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _full(table: str) -> frozenset[str]:
    """Return the full names of a table: ``a = "b c"`` is ``a.b`` and ``a.c``; ``.`` is the module itself."""
    rows = ((module, name) for module, names in _LISTS[table].items() for name in names.split())
    return frozenset(module if name == "." else f"{module}.{name}" for module, name in rows)


def _words(table: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(words.split()) for key, words in _LISTS[table].items()}


_SHORT = _words("short")
BUILTINS, BUILTIN_TARGETS, NODES = _SHORT["builtins"], _SHORT["builtin_targets"], _SHORT["nodes"]
SETTABLE, METHODS, ASSIGNED = _SHORT["settable"], _SHORT["methods"], _SHORT["assigned"]
ATTRIBUTES = frozenset(METHODS + _SHORT["attributes"])
LOCATE, LOCATED, WEIGHTS = _SHORT["locate"], _SHORT["located"], _SHORT["weights"]
WHOLE = _full("whole")
NAMES = _full("names")
EXCEPT = _full("except")
SWITCHES = _full("switches")
PLAIN, BOUND, VALUES, FILES = (_words(table) for table in ("plain", "bound", "values", "files"))
OBJECTS = frozenset(path for path in BOUND if not path.startswith("pathlib."))  # the others may be called
NO_VALUES = frozenset((*BOUND, *FILES))
MODULES = WHOLE | _LISTS["names"].keys() | PLAIN.keys() | {"cxrtk.registry"}
