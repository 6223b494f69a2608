"""Faults put into a source: which, where, and that each is one change and still Python."""

import ast

import pytest

SOURCE = '''"""Text."""
LIMIT: int = 3

@decorator(7)
def f(x, y=1.5):
    """Text."""
    assert x > 0 or zip(x, y, strict=True)
    if x < LIMIT and not y:
        x += 1
        log(x)
    while True:
        break
    raise ValueError(f"{x + 2} is {x!r}")
'''


@pytest.fixture
def found(load_benchmark):
    return load_benchmark("mutants").mutants(SOURCE)


def test_each_fault_has_its_line(found):
    """Operators, numbers, truth values, conditions and statements; no annotation, decorator or assertion."""
    assert sorted((mutant.line, mutant.fault) for mutant in found) == sorted(
        [
            (2, "3 -> 4"),
            (5, "1.5 -> 2.5"),
            (8, "condition negated"),
            (8, "And -> Or"),
            (8, "Lt -> LtE"),
            (8, "not dropped"),
            (9, "1 -> 2"),
            (9, "dropped: x += 1"),
            (10, "dropped: log(x)"),
            (11, "condition negated"),
            (11, "True -> False"),
            (12, "dropped: break"),
            (13, "dropped: raise ValueError(f'{x + 2} is {x!r}')"),
            (13, "2 -> 3"),
            (13, "Add -> Sub"),
        ]
    )


def test_each_is_another_program(found):
    """It parses, differs from the source, and no two are alike."""
    plain = ast.unparse(ast.parse(SOURCE))
    sources = [mutant.source for mutant in found]
    assert len({*sources, plain}) == len(sources) + 1
    for source in sources:
        ast.parse(source)


def test_a_chain_of_comparisons_has_one_fault_each(load_benchmark):
    """``a < b <= c`` with either operator exchanged."""
    sources = {mutant.source for mutant in load_benchmark("mutants").mutants("z = a < b <= c")}
    assert sources == {"z = a <= b <= c", "z = a < b < c"}
