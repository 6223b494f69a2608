"""Small faults put into a module's source, one at a time, each where a test ought to see it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
DROPPED = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        line: Of the source, from 1.
        fault: What was done, in words.
        source: Of the whole module with it.
    """

    line: int
    fault: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines.

    Comparison and arithmetic operators are exchanged, numbers raised by one, truth values and conditions
    negated, ``and`` and ``or`` exchanged, statements dropped. Annotations, decorators, assertions, ``strict``
    of `zip` and texts are left alone: no test is to see them.

    Args:
        source: Python.
    """
    tree = ast.parse(source)
    found = []
    for place, node in enumerate(ast.walk(tree)):
        for number, (fault, _) in enumerate(_faults(node)):
            changed = copy.deepcopy(tree)
            if _replace(changed, place, number):
                found.append(Mutant(node.lineno, fault, ast.unparse(ast.fix_missing_locations(changed))))
    return sorted(found, key=lambda mutant: mutant.line)


def _replace(tree: ast.Module, place: int, number: int) -> bool:
    """Put a fault of the node at `place` of the walk into the tree, if it stands where faults count."""
    node = list(ast.walk(tree))[place]
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    _, fault = _faults(node)[number]
    above = node
    while above in parents:
        parent = parents[above]
        if isinstance(parent, ast.Assert) or above in _unseen(parent):
            return False
        above = parent
    parent = parents[node]
    for name, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, name, fault)
        elif isinstance(value, list) and node in value:
            value[value.index(node)] = fault
    return True


def _unseen(node: ast.AST) -> Iterator[ast.AST]:
    """Children that say what is meant, not what is done."""
    yield from getattr(node, "decorator_list", ())
    if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: a check, as assert is
        yield node.value
    for name in ("annotation", "returns", "type_comment"):
        if isinstance(child := getattr(node, name, None), ast.AST):
            yield child


def _faults(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """Each of a node's faults: in words, and what stands in its place."""
    if isinstance(node, ast.Compare):
        return [_compared(node, at) for at, each in enumerate(node.ops) if type(each) in COMPARISONS]
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        other = ARITHMETIC[type(node.op)]()
        return [(f"{_name(node.op)} -> {_name(other)}", ast.BinOp(node.left, other, node.right))]
    if isinstance(node, ast.BoolOp):
        swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return [(f"{_name(node.op)} -> {_name(swapped)}", ast.BoolOp(swapped, node.values))]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [("not dropped", node.operand)]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return [(f"{node.value} -> {not node.value}", ast.Constant(not node.value))]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return [(f"{node.value} -> {node.value + 1}", ast.Constant(node.value + 1))]
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        negated = copy.copy(node)
        negated.test = ast.UnaryOp(ast.Not(), node.test)
        return [("condition negated", negated)]
    if isinstance(node, DROPPED) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return [(f"dropped: {ast.unparse(node).splitlines()[0][:60]}", ast.Pass())]
    return []


def _compared(node: ast.Compare, at: int) -> tuple[str, ast.AST]:
    operators = list(node.ops)
    operators[at] = COMPARISONS[type(operators[at])]()
    fault = f"{_name(node.ops[at])} -> {_name(operators[at])}"
    return fault, ast.Compare(node.left, operators, node.comparators)


def _name(operator: ast.AST) -> str:
    return type(operator).__name__
