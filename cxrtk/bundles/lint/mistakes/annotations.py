"""Comparison of string values with type annotations."""

from __future__ import annotations

import ast

NUMBERS = {"int", "float", "complex", "bool"}
SEQUENCES = {"Sequence", "list", "List", "tuple", "Tuple", "Iterable", "Collection"}
NEVER_TEXT = {"None", "Tensor", "device_count"}


def refuses_text(annotation: ast.expr | None) -> str:
    """Name the type expected instead of a string, such as ``a number``; "" if a string is allowed.

    >>> refuses_text(ast.parse("int | None", mode="eval").body)
    'a number'
    >>> refuses_text(ast.parse("Sequence[int] | int", mode="eval").body)
    'a number or a list of numbers'
    >>> refuses_text(ast.parse("int | str", mode="eval").body)
    ''
    """
    if annotation is None:
        return ""
    members = _members(annotation)
    if members is None:
        return ""
    words = []
    for member in members:
        word = _wanted(member)
        if word is None:
            return ""
        if word:
            words.append(word)
    return " or ".join(sorted(set(words), key=len))


def _members(annotation: ast.expr) -> list[ast.expr] | None:
    """Return the members of ``a | b``, ``Union[a, b]`` and ``Optional[a]``."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return _members(ast.parse(annotation.value, mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        left, right = _members(annotation.left), _members(annotation.right)
        return None if left is None or right is None else [*left, *right]
    if isinstance(annotation, ast.Subscript) and _name(annotation.value) in ("Union", "Optional"):
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        members = [_members(each) for each in inner]
        return None if None in members else [each for group in members for each in group or []]
    return [annotation]


def _wanted(member: ast.expr) -> str | None:
    """Name the expected type; "" for a type that is never a string, None for one that may be."""
    name = _name(member.value if isinstance(member, ast.Subscript) else member)
    if isinstance(member, ast.Subscript):
        inner = member.slice.elts if isinstance(member.slice, ast.Tuple) else [member.slice]
        names = {_name(each) for each in inner}
        return "a list of numbers" if name in SEQUENCES and names <= NUMBERS | {"..."} else None
    if name == "bool":
        return "true or false"
    if name in NUMBERS:
        return "a number"
    return "" if name in NEVER_TEXT else None


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return "None" if isinstance(node, ast.Constant) and node.value is None else "..." if _dots(node) else ""


def _dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
