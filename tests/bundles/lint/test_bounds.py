"""Work bounded by the size of the input: bombs of aliases, merges and macros, huge and deep configs."""

import gc
import json
import time

import pytest

from cxrtk.bundles.lint import lint
from cxrtk.bundles.lint.issue import MOST


def aliases(levels: int) -> str:
    lists = [f"_a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "run: ['$print(1)']\n_a0: &a0 [x, x, x]\n" + "\n".join(lists)


def merges(levels: int) -> str:
    maps = [f"_a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}], k{i}: 1}}" for i in range(1, levels)]
    return "run: ['$print(1)']\n_a0: &a0 {a: 1, b: 2}\n" + "\n".join(maps)


def macros(levels: int) -> str:
    lists = {f"_a{i}": [f"%_a{i - 1}"] * 9 for i in range(1, levels)}
    return json.dumps({"run": ["$print(1)"], "_a0": ["x"] * 9, **lists})


BOMBS = {
    "aliases.yaml": aliases(12),
    "merges.yaml": merges(12),
    "macros.json": macros(12),
    "long.json": '{"a": [' + "1," * 200_000 + "1]}",
    "huge.yaml": "a: " + "x" * 3_000_000,
    "keys.json": json.dumps({f"key_number_{i}": "@nothing_at_all" for i in range(20_000)}),
    "expression.json": json.dumps({"run": ["$" + "+".join(["1"] * 100_000)]}),
    "unused.yaml": "run: ['$print(1)']\n" + "\n".join(f"k{i}: 1" for i in range(10_000)),
    "dots.json": json.dumps({"run": ["$@x"], "x": {"_target_": "torch" + ".nn" * 50_000}}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_an_issue_at_once(name, tmp_path):
    """It ends soon, with issues that say what is wrong."""
    path = tmp_path / name
    path.write_text(BOMBS[name])
    gc.freeze()  # what earlier tests left is not collected again and again meanwhile
    try:
        begin = time.process_time()
        issues = lint([path])
        spent = time.process_time() - begin
    finally:
        gc.unfreeze()
    assert 0 < len(issues) <= MOST
    assert spent < 30


def test_aliases_as_people_use_them(tmp_path):
    """Some aliases and merges are no bomb."""
    path = tmp_path / "config.yaml"
    path.write_text("_a: &a {lr: 1}\n_b: &b [*a, *a]\n_c: {<<: *a, b: *b}\nrun: ['$print(1)']\n")
    assert lint([path]) == []
