"""A config as a tree whose nodes record their file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

T = TypeVar("T")

MOST_VALUES = 100_000  # limit for one config, with its aliases and macros expanded


class Node:
    """A value of a config.

    Args:
        value: A scalar, a list of nodes, or a dict of nodes.
        file: File that it was read from, or ``--set``.
        line: Line number, from 1; for an entry of a mapping, the line of its key.
    """

    __slots__ = ("file", "line", "macro", "value")

    def __init__(self, value: Any, file: str, line: int | None = None) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.macro = ""  # the text "%..." that was replaced by this value

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries of a mapping; empty for anything else."""
        return cast("dict[str, Node]", self.value) if isinstance(self.value, dict) else {}

    @property
    def is_component(self) -> bool:
        """Return whether MONAI instantiates it as a component."""
        return "_target_" in self.mapping

    @property
    def is_expression(self) -> bool:
        """Return whether MONAI evaluates it."""
        return isinstance(self.value, str) and self.value.startswith("$")


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the pairs of key and child of a mapping or list; list keys are "0", "1", ..."""
    if isinstance(node.value, dict):
        yield from node.value.items()
    elif isinstance(node.value, list):
        yield from ((str(index), child) for index, child in enumerate(node.value))


def join(id: str, key: str) -> str:
    """Join the id of a node and the key of its child."""
    return f"{id}#{key}" if id else key


def split(id: str) -> list[str]:
    """Split ``"train::dataset#0"`` to ``["train", "dataset", "0"]``."""
    return id.replace("::", "#").split("#")


def get(root: Node, id: str) -> Node | None:
    """Get the node of an id, or None; "" is the root."""
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
    """Yield every node once, parents first; a node shared by several ids has the first of them."""
    seen: set[int] = set()
    waiting = [(id, root)]
    while waiting:
        at, node = waiting.pop()
        if id_seen(node, seen):
            continue
        yield at, node
        waiting += [(join(at, key), child) for key, child in reversed(list(children(node)))]


def id_seen(node: Node, seen: set[int]) -> bool:
    """Return whether this node object is in `seen`; adds it."""
    known = id(node) in seen
    seen.add(id(node))
    return known


def copy(node: Node) -> Node:
    """Copy a tree, without sharing nodes."""
    value = node.value
    if isinstance(value, dict):
        value = {key: copy(child) for key, child in value.items()}
    elif isinstance(value, list):
        value = [copy(child) for child in value]
    return Node(value, node.file, node.line)


def build(value: Any, file: str) -> Node:
    """Convert a plain value to a tree without line numbers."""
    if isinstance(value, dict):
        return Node({str(key): build(child, file) for key, child in value.items()}, file)
    if isinstance(value, (list, tuple)):
        return Node([build(child, file) for child in value], file)
    return Node(value, file)


def weight(node: T, inner_of: Callable[[T], Sequence[T]]) -> int:
    """Count the values in a tree, up to `MOST_VALUES` + 1.

    Args:
        node: Root. A shared node counts each time; a node that contains itself counts once.
        inner_of: Function that returns the nodes inside a node.
    """
    known: dict[int, int] = {}  # by identity, since equal values may be different nodes
    waiting = [node]
    while waiting:
        at = waiting[-1]
        inner = inner_of(at)
        open_ = [child for child in inner if id(child) not in known]
        known.setdefault(id(at), 1)
        if open_:
            waiting += open_
            continue
        known[id(at)] = min(MOST_VALUES + 1, 1 + sum(known[id(child)] for child in inner))
        waiting.pop()
    return known[id(node)]
