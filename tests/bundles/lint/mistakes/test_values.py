"""Texts for numbers, and paths that are not there."""

import pytest

from cxrtk.bundles.lint.issue import COMMAND_LINE, Report
from cxrtk.bundles.lint.mistakes.values import check_numbers, check_paths
from cxrtk.bundles.lint.tree import Node, build


def numbers(base, over, on_command_line=None) -> list[str]:
    report = Report()
    layer = build(base, "base.json")
    for node in layer.mapping.values():
        node.line = 4
    check_numbers([layer, build(over, "over.json")], build(on_command_line or {}, COMMAND_LINE), report)
    return [str(each) for each in report.issues([])]


@pytest.mark.parametrize(
    ("before", "kind"),
    [(3, "a number"), (0.5, "a number"), (True, "true or false"), ([1, 2.5], "a list of numbers")],
)
@pytest.mark.parametrize("plus", ["", "+"])
def test_a_text_where_a_number_was(before, kind, plus):
    """In an overlay and on the command line, with the place of what was there."""
    (line,) = numbers({"a": before}, {f"{plus}a": "three"})
    assert f"'three' is a text, where base.json:4 has {kind}; write {kind}, or an expression" in line
    (line,) = numbers({"a": before}, {}, {"a": "three"})
    assert line.startswith("--set: a: ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (3, "$1 + 2"), (3, "@b"), (3, "%b"), (3, 4), ("x", "three"), (None, "three"), ([], "three"),
        ([1, "x"], "three"), ([True], "three"), ({"b": 1}, "three"),
    ],
)  # fmt: skip
def test_what_may_be(before, after):
    """Expressions and references, and whatever took the place of no number."""
    assert numbers({"a": before}, {"a": after}) == []


def test_what_is_not_replaced_has_no_kind():
    """A new id; and the first file, which replaces nothing."""
    assert numbers({"a": 1}, {"b": "three"}) == []
    assert numbers({"a": "three"}, {}) == []


def test_an_id_that_reaches_in():
    """The value below is what it stands in for; the newest layer that has it counts."""
    assert len(numbers({"a": {"b": 1}}, {"a#b": "three"})) == 1
    assert numbers({"a": 1}, {"a": "$x"}, {"a": "three"}) == []


def paths(id: str, value: object, file: str = "x.json") -> list[str]:
    report = Report()
    root = Node({}, file, 1)
    check_paths(root, id, Node(value, file, 2), report)
    return [str(each) for each in report.issues([])]


def test_a_path_whose_folder_is_there(tmp_path):
    """It is missing, and that is certain; one that is there is not said."""
    (line,) = paths("reader#dataset_dir", str(tmp_path / "gone"))
    assert f"{tmp_path}/gone does not exist; correct the path" in line
    assert paths("dataset_dir", str(tmp_path)) == []


@pytest.mark.parametrize(
    ("id", "value"),
    [
        ("dataset_dir", "/workspace/data/gone"),  # a place-holder: nor is its folder there
        ("dataset_dir", "/gone"),
        ("dataset_dir", "data/gone"),
        ("output_dir", "{tmp}/gone"),
        ("dataset_dir", "$'{tmp}/gone'"),
        ("dataset_dir", "s3://bucket/gone"),
        ("dataset_dir", "{tmp}/" + "x" * 300),
        ("dataset_dir", ""),
        ("dataset_dir", 3),
    ],
)
def test_what_is_not_certain(tmp_path, id, value):
    """Another id, an expression, an address, nothing, no text."""
    assert paths(id, value.replace("{tmp}", str(tmp_path)) if isinstance(value, str) else value) == []


def test_on_the_command_line_a_path_is_meant(tmp_path, monkeypatch):
    """Also a relative one, which is looked for where one stands."""
    monkeypatch.chdir(tmp_path)
    (line,) = paths("checkpoint", "gone.pt", COMMAND_LINE)
    assert line.endswith(f"checkpoint: gone.pt does not exist; it is resolved from {tmp_path}")
    assert paths("output_dir", "gone", COMMAND_LINE) == []
