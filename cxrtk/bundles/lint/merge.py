"""Merging of config files and overrides, as MONAI's ConfigParser does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk.bundles.lint.issue import COMMAND_LINE, Report, did_you_mean
from cxrtk.bundles.lint.tree import Node, build, copy, get, join, split, walk

RENAMED = {"<meta>": "_meta_"}  # monai.bundle.utils.DEPRECATED_ID_MAPPING


def merge(trees: Sequence[Node], report: Report) -> Node:
    """Merge trees, later ones first in precedence; ``a#b`` sets ``b`` in ``a``, ``+a`` adds to ``a``."""
    root = Node({}, trees[0].file, 1)
    for tree in trees:
        for key, value in tree.mapping.items():
            if key.startswith("+"):
                _add(root, key[1:], copy(value), report)
            else:
                _set(root, RENAMED.get(key, key), copy(value), report)
    return root


def override(root: Node, overrides: Mapping[str, Any], report: Report) -> None:
    """Set ids in place."""
    for id, value in overrides.items():
        _set(root, id, build(value, COMMAND_LINE), report)


def _set(root: Node, id: str, value: Node, report: Report) -> None:
    *above, key = split(id)
    parent = get(root, "#".join(above))
    if parent is not None and isinstance(parent.value, dict):
        parent.value[key] = value
    elif (
        parent is not None
        and isinstance(parent.value, list)
        and key.isdecimal()
        and int(key) < len(parent.value)
    ):
        parent.value[int(key)] = value
    else:
        name = "#".join([*above, key])
        known = [each for each, _ in walk(root)]
        report.add(value, name, "there is no such id to set", did_you_mean(name, known, _there(root, above)))


def _add(root: Node, id: str, value: Node, report: Report) -> None:
    known = get(root, id)
    if known is None:
        _set(root, id, value, report)
    elif isinstance(known.value, dict) and isinstance(value.value, dict):
        known.value.update(value.value)
    elif isinstance(known.value, list) and isinstance(value.value, list):
        known.value.extend(value.value)
    else:
        what = "+ adds a mapping to a mapping or a list to a list, and these are neither"
        report.add(value, join("", id), what, "leave the + out to replace the value")


def _there(root: Node, above: list[str]) -> str:
    """Return the alternatives at the deepest existing level, for a message."""
    while above and get(root, "#".join(above)) is None:
        above = above[:-1]
    node = get(root, "#".join(above)) or root
    keys = list(node.mapping) or [str(index) for index in range(len(node.value or []))]
    where = "#".join(above) or "the config"
    return f"{where} has: {', '.join(keys[:12])}{', ...' if len(keys) > 12 else ''}"
