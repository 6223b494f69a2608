"""YAML with lines: plain values as PyYAML's safe loader gives them, and no object."""

import pytest
import yaml

from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.read_yaml import read_yaml
from cxrtk.bundles.lint.tree import get
from tests.bundles.lint.test_tree import plain

TEXT = """# a comment
a: 1
b:
  c: [true, ~]
  d: &anchor
    e: 2.5
f: *anchor
g:
  <<: *anchor
  h: x
"""


def read(text: str) -> tuple[object, list]:
    report = Report()
    tree = read_yaml(text, "x.yaml", report)
    return tree, report.issues([])


@pytest.mark.parametrize("text", [TEXT, "- 1\n- [2, 3]\n", "", "just text", "a: |\n  two\n  lines\n"])
def test_the_values_are_those_of_the_safe_loader(text):
    """Anchors, merges and blocks too."""
    tree, found = read(text)
    assert plain(tree) == yaml.safe_load(text) and found == []


@pytest.mark.parametrize(
    ("id", "line"), [("a", 2), ("b", 3), ("b#c", 4), ("b#c#1", 4), ("b#d#e", 6), ("f", 7), ("g#h", 10)]
)
def test_each_value_has_its_line(id, line):
    """An entry of a mapping that of its key."""
    node = get(read(TEXT)[0], id)
    assert (node.file, node.line) == ("x.yaml", line)


@pytest.mark.parametrize(
    ("text", "line", "kind", "says"),
    [
        ("a: 1\na: 2\n", 2, "error", "a: the key appears twice, first in line 1"),
        ("a: [1\nb: 2\n", 2, "error", "is not YAML"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "security", "builds an object"),
        ("a: !mine 1\n", 1, "security", "the tag !mine builds an object"),
        ("a: &x\n  b: *x\n", 1, "error", "an alias contains itself"),
    ],
)
def test_what_is_wrong_has_its_line(text, line, kind, says):
    """Nothing is built to find it out."""
    _, found = read(text)
    assert [(each.line, each.kind) for each in found] == [(line, kind)] and says in str(found[0])


def test_two_keys_that_read_the_same():
    """A number and a text of its digits: MONAI has texts alone for keys."""
    _, found = read("1: a\n'1': b\n")
    assert {each.line for each in found} == {2} and any(
        "two keys read the same" in str(each) for each in found
    )
