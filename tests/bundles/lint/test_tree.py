"""A config as a tree: ids lead to nodes, and what is built or copied holds the same values."""

import pytest

from cxrtk.bundles.lint.tree import Node, build, children, copy, get, join, split, walk

CONFIG = {"a": {"b": [1, {"c": "$x"}], "_target_": "T"}, "d": None}


def plain(node: Node):
    """The values of a tree."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return [plain(child) for child in node.value] if isinstance(node.value, list) else node.value


def test_a_tree_holds_what_it_was_built_of():
    """Tuples as lists, keys as text; the file stands at each node."""
    tree = build({**CONFIG, "e": (1, 2), 3: True}, "x.json")
    assert plain(tree) == {**CONFIG, "e": [1, 2], "3": True}
    assert {(node.file, node.line) for _, node in walk(tree)} == {("x.json", None)}


@pytest.mark.parametrize(
    ("id", "value"),
    [
        ("", CONFIG), ("a#b", [1, {"c": "$x"}]), ("a::b::0", 1), ("a#b#1#c", "$x"), ("d", None),
        ("x", ...), ("a#b#2", ...), ("a#b#-1", ...), ("a#b#c", ...), ("d#x", ...), ("a#x#y", ...),
    ],
)  # fmt: skip
def test_an_id_leads_to_its_node(id, value):
    """With # or ::, through mappings and lists; to nothing where there is nothing."""
    found = get(build(CONFIG, "x"), id)
    assert (found is None) if value is ... else (found is not None and plain(found) == value)


def test_every_node_once_parents_first():
    """In the order of the file; a node that two ids share has the first of them."""
    tree = build(CONFIG, "x")
    assert [id for id, _ in walk(tree)] == ["", "a", "a#b", "a#b#0", "a#b#1", "a#b#1#c", "a#_target_", "d"]
    tree.value["d"] = tree.value["a"]
    assert "d" not in dict(walk(tree))


def test_what_a_node_is():
    """A component has a target, an expression begins with a dollar; neither has what it is not."""
    tree = build(CONFIG, "x")
    assert get(tree, "a").is_component and not tree.is_component
    assert get(tree, "a#b#1#c").is_expression and not get(tree, "a#b#0").is_expression
    assert get(tree, "a#b").mapping == {} and list(children(get(tree, "d"))) == []


def test_a_copy_shares_no_node():
    """But has all values and lines."""
    tree = build(CONFIG, "x")
    get(tree, "a#b#0").line = 7
    twin = copy(tree)
    assert plain(twin) == CONFIG and get(twin, "a#b#0").line == 7
    assert not {id(node) for _, node in walk(tree)} & {id(node) for _, node in walk(twin)}


@pytest.mark.parametrize(
    ("id", "parts"), [("a", ["a"]), ("a#b#0", ["a", "b", "0"]), ("a::b#c", ["a", "b", "c"])]
)
def test_parts_of_an_id(id, parts):
    """And back."""
    assert split(id) == parts
    joined = ""
    for part in parts:
        joined = join(joined, part)
    assert joined == id.replace("::", "#")
