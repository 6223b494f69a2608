"""Checks of values: strings in place of numbers, and paths that do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxrtk.bundles.lint.issue import COMMAND_LINE, Report
from cxrtk.bundles.lint.tree import Node, get, split

# Last components of ids with paths that must exist before a run.
PATHS = ("data_list_file_path", "data_file_base_dir", "dataset_dir", "load_path", "split_file")
LONGEST = 256  # maximum length of a path that is checked
COMMAND_LINE_PATHS = (*PATHS, "checkpoint")


def check_numbers(trees: Sequence[Node], overrides: Node, report: Report) -> None:
    """Report strings that override numbers, booleans or lists of an earlier file."""
    layers = [*trees, overrides]
    for index, layer in enumerate(layers[1:], 1):
        for id, node in layer.mapping.items():
            before = _before(layers[:index], id.lstrip("+"))
            if before is None or not isinstance(node.value, str) or node.value[:1] in ("$", "@", "%"):
                continue
            kind = _kind(before)
            if kind:
                what = f"{node.value!r} is a text, where {before.file}:{before.line} has {kind}"
                report.add(node, id, what, f"write {kind}, or an expression that begins with $")


def check_paths(root: Node, id: str, node: Node, report: Report) -> None:
    """Report paths that certainly do not exist.

    A path in a file is often a placeholder, such as ``/workspace/data``, so it is reported only if its parent
    folder exists. A path on the command line is always reported.
    """
    last = split(id)[-1]
    path = node.value
    if not isinstance(path, str) or not 0 < len(path) < LONGEST or path[0] in "$@%" or "://" in path:
        return
    if node.file == COMMAND_LINE:
        certain = last in COMMAND_LINE_PATHS
    else:
        parent = Path(path).parent
        certain = last in PATHS and Path(path).is_absolute() and len(parent.parts) > 1 and parent.is_dir()
    if certain and not Path(path).exists():
        cure = "correct the path" if Path(path).is_absolute() else f"it is resolved from {Path.cwd()}"
        report.add(node, id, f"{path} does not exist", cure)


def _before(layers: Sequence[Node], id: str) -> Node | None:
    for layer in reversed(layers):
        node = layer.mapping.get(id) or get(layer, id)
        if node is not None:
            return node
    return None


def _kind(node: Node) -> str:
    if isinstance(node.value, bool):
        return "true or false"
    if isinstance(node.value, (int, float)):
        return "a number"
    numbers = isinstance(node.value, list) and node.value and all(_is_number(each) for each in node.value)
    return "a list of numbers" if numbers else ""


def _is_number(node: Node) -> bool:
    return isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
