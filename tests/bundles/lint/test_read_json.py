"""JSON with lines: the values are those of Python's own parser."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.read_json import read_json
from cxrtk.bundles.lint.tree import get
from tests.bundles.lint.test_tree import plain

TEXT = """{
  "a": 1,
  "b": {"c": [true,
              null, -2.5e3],
        "d": "x, \\"y\\" ]}"}
}"""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_the_values_are_those_of_json(value, indent):
    """Of any text, in one line or in many."""
    assert plain(read_json(json.dumps(value, indent=indent), "x", Report())) == value


@pytest.mark.parametrize(
    ("id", "line"), [("", 1), ("a", 2), ("b", 3), ("b#c", 3), ("b#c#0", 3), ("b#c#1", 4), ("b#d", 5)]
)
def test_each_value_has_its_line(id, line):
    """An entry of a mapping that of its key."""
    node = get(read_json(TEXT, "x.json", Report()), id)
    assert (node.file, node.line) == ("x.json", line)


def test_a_key_that_is_there_twice():
    """Both lines are told; the later one counts."""
    report = Report()
    tree = read_json('{"a": {"b": 1,\n"b": 2}}', "x", report)
    (found,) = report.issues([])
    assert (found.line, found.id) == (2, "a#b") and "first in line 1" in found.what
    assert plain(tree) == {"a": {"b": 2}}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{"a": 1,\n "b": }', 2, "is not JSON: Expecting value at column 7"),
        ('{"a": 1\n "b": 2}', 2, "Expecting ',' delimiter"),
        ("", 1, "Expecting value"),
        ("[" + "1" * 5000 + "]", None, "write a smaller number"),
    ],
)
def test_what_is_no_json(text, line, says):
    """The line, and what was expected there."""
    report = Report()
    assert read_json(text, "x", report) is None
    (found,) = report.issues([])
    assert found.line == line and says in str(found)
