"""A config as a tree whose every node knows its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast


class Node:
    """A value of a config.

    Args:
        value: A scalar, a list of nodes, or a dict of str -> node.
        file: The file it was read from, or ``--set``.
        line: Line, from 1; of an entry of a mapping, the line of its key.
    """

    __slots__ = ("file", "line", "macro", "value")

    def __init__(self, value: Any, file: str, line: int | None = None) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.macro = ""  # the text "%..." that this value came in place of

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries of a mapping; empty for anything else."""
        return cast("dict[str, Node]", self.value) if isinstance(self.value, dict) else {}

    @property
    def is_component(self) -> bool:
        """Whether MONAI builds something of it."""
        return "_target_" in self.mapping

    @property
    def is_expression(self) -> bool:
        """Whether MONAI evaluates it."""
        return isinstance(self.value, str) and self.value.startswith("$")


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """(key, child) of a mapping or list; list keys are "0", "1", ..."""
    if isinstance(node.value, dict):
        yield from node.value.items()
    elif isinstance(node.value, list):
        yield from ((str(index), child) for index, child in enumerate(node.value))


def join(id: str, key: str) -> str:
    """The id of a child."""
    return f"{id}#{key}" if id else key


def split(id: str) -> list[str]:
    """``"train::dataset#0"`` -> ``["train", "dataset", "0"]``."""
    return id.replace("::", "#").split("#")


def get(root: Node, id: str) -> Node | None:
    """The node of an id, or None; "" is the root."""
    node: Node | None = root
    for key in split(id) if id else []:
        if node is None:
            return None
        if isinstance(node.value, list):
            node = node.value[int(key)] if key.isdecimal() and int(key) < len(node.value) else None
        else:
            node = node.mapping.get(key)
    return node


def walk(root: Node, id: str = "") -> Iterator[tuple[str, Node]]:
    """Every node once, parents first; one that several ids share has the first of them."""
    seen: set[int] = set()
    waiting = [(id, root)]
    while waiting:
        at, node = waiting.pop()
        if id_seen(node, seen):
            continue
        yield at, node
        waiting += [(join(at, key), child) for key, child in reversed(list(children(node)))]


def id_seen(node: Node, seen: set[int]) -> bool:
    """Whether this very node is in `seen`; it is afterwards."""
    known = id(node) in seen
    seen.add(id(node))
    return known


def copy(node: Node) -> Node:
    """A copy of a tree without shared nodes."""
    value = node.value
    if isinstance(value, dict):
        value = {key: copy(child) for key, child in value.items()}
    elif isinstance(value, list):
        value = [copy(child) for child in value]
    return Node(value, node.file, node.line)


def build(value: Any, file: str) -> Node:
    """A plain value as a tree without lines."""
    if isinstance(value, dict):
        return Node({str(key): build(child, file) for key, child in value.items()}, file)
    if isinstance(value, (list, tuple)):
        return Node([build(child, file) for child in value], file)
    return Node(value, file)
