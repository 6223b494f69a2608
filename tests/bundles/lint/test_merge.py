"""Files laid over one another are what MONAI's own parser makes of them."""

import pytest
from monai.bundle import ConfigParser

from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.merge import merge, override
from cxrtk.bundles.lint.tree import build
from tests.bundles.lint.test_tree import plain

BASE = {"a": {"b": 1, "c": [1, 2]}, "d": [{"e": 1}], "f": "text"}


@pytest.mark.parametrize(
    "overlay",
    [
        {"a": {"b": 2}},
        {"a#b": 2, "a#new": 3},
        {"a::c": [9]},
        {"d#0#e": 5},
        {"d#0": {"x": 1}},
        {"+a": {"b": 7, "z": 8}},
        {"+a#c": [3]},
        {"+new": {"x": 1}},
        {"f": None},
    ],
)
@pytest.mark.filterwarnings("ignore:Can't merge entry")  # MONAI's, which then sets it as we do
def test_it_is_monais(tmp_path, overlay):
    """A later file replaces, reaches in by id, or adds with a plus."""
    for name, content in (("base", BASE), ("overlay", overlay)):
        ConfigParser.export_config_file(content, str(tmp_path / f"{name}.json"))
    expected = ConfigParser()
    expected.read_config([str(tmp_path / "base.json"), str(tmp_path / "overlay.json")])
    report = Report()
    found = plain(merge([build(BASE, "base.json"), build(overlay, "overlay.json")], report))
    theirs = {key: value for key, value in expected.get().items() if key != "_meta_"}
    assert {key: value for key, value in found.items() if key != "_meta_"} == theirs
    assert report.issues([]) == []


@pytest.mark.parametrize(
    ("overlay", "id", "says"),
    [
        ({"x#y": 1}, "x#y", "there is no such id to set; the config has: a, d, f"),
        ({"a#bb#c": 1}, "a#bb#c", "there is no such id to set; a has: b, c"),
        ({"d#1": 1}, "d#1", "d has: 0"),
        ({"d#x": 1}, "d#x", "there is no such id to set"),
        ({"+a": [1]}, "a", "+ adds a mapping to a mapping or a list to a list"),
        ({"+f": "more"}, "f", "leave the + out to replace the value"),
    ],
)
def test_what_cannot_be_laid_over(overlay, id, says):
    """The id is named, and what there is instead."""
    report = Report()
    root = merge([build(BASE, "base.json"), build(overlay, "overlay.json")], report)
    (found,) = report.issues([])
    assert found.id == id and says in str(found) and found.file == "overlay.json"
    assert plain(root) == BASE


def test_overrides_change_the_tree_in_place():
    """As of the command line; those that lead nowhere are said of it."""
    report, root = Report(), merge([build(BASE, "base.json")], Report())
    override(root, {"a#b": 5, "d#0#e": [1], "no#where": 1}, report)
    assert plain(root) == {**BASE, "a": {**BASE["a"], "b": 5}, "d": [{"e": [1]}]}
    assert [(each.file, each.id) for each in report.issues([])] == [("--set", "no#where")]


def test_the_layers_stay_as_they_were():
    """What is laid over one of them is put into a copy."""
    base, report = build(BASE, "base.json"), Report()
    root = merge([base], report)
    override(root, {"a#b": 5}, report)
    assert plain(base) == BASE
