"""Parsing of YAML to a tree with line numbers; tags construct plain values only."""

from __future__ import annotations

from typing import Any

import yaml

from cxrtk.bundles.lint.issue import Issue, Report
from cxrtk.bundles.lint.tree import MOST_VALUES, Node, join, weight

_PLAIN = "tag:yaml.org,2002:"


def read_yaml(text: str, file: str, report: Report) -> Node | None:
    """Parse YAML; None if it is invalid, which is reported with its line."""
    loader: Any = yaml.SafeLoader(text)  # not the C loader, which crashes on deep nesting
    try:
        top = loader.get_single_node()
        if top is not None and weight(top, _nodes_in) > MOST_VALUES:
            what = f"holds more than {MOST_VALUES:,} values, with its aliases written out"
            report.say(Issue(file, 1, "", what, "write a smaller config, with fewer aliases"))
            return None
        return Node(None, file, 1) if top is None else _Builder(loader, file, report).build("", top, ())
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        what = f"is not YAML: {problem}"
        report.say(
            Issue(file, mark.line + 1 if mark else None, "", what, "correct that line or the one before")
        )
        return None
    finally:
        loader.dispose()


def _nodes_in(node: yaml.Node) -> list[yaml.Node]:
    """Return the keys and values of a mapping, or members of a sequence."""
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


class _Builder:
    def __init__(self, loader: Any, file: str, report: Report) -> None:
        self.loader = loader
        self.file = file
        self.report = report
        self.built: dict[int, Node] = {}

    def build(self, id: str, node: Any, above: tuple[int, ...]) -> Node:
        """Convert a YAML node to a `Node`; an alias shares the node of its anchor."""
        key = hash(node)
        here = Node(None, self.file, node.start_mark.line + 1)
        if key in above:
            self.report.add(here, id, "an alias contains itself", "write the value out")
            return here
        if key in self.built:
            return self.built[key]
        self.built[key] = here
        above = (*above, key)
        if isinstance(node, yaml.MappingNode):
            self.duplicates(id, node)
            self.loader.flatten_mapping(node)
            here.value = {}
            tags: dict[str, str] = {}
            for name_node, value_node in node.value:
                name = str(self.scalar(id, name_node))
                child = self.build(join(id, name), value_node, above)
                if name in here.value and tags[name] != name_node.tag:
                    self.report.add(child, join(id, name), "two keys read the same", "keep one of them")
                tags[name] = name_node.tag
                here.value[name] = Node(child.value, self.file, name_node.start_mark.line + 1)
        elif isinstance(node, yaml.SequenceNode):
            here.value = [
                self.build(join(id, str(index)), each, above) for index, each in enumerate(node.value)
            ]
        else:
            here.value = self.scalar(id, node)
        if not isinstance(node, yaml.ScalarNode):
            self.tag(id, node)
        return here

    def scalar(self, id: str, node: Any) -> Any:
        if not isinstance(node, yaml.ScalarNode) or not self.tag(id, node):
            return None
        return self.loader.construct_object(node)

    def tag(self, id: str, node: Any) -> bool:
        """Return whether a tag denotes a plain value; reports an issue if not."""
        if node.tag.startswith(_PLAIN) and "/" not in node.tag and node.tag in self.loader.yaml_constructors:
            return True
        here = Node(None, self.file, node.start_mark.line + 1)
        short = node.tag.replace(_PLAIN, "!!")
        self.report.add(here, id, f"the tag {short} builds an object", "write a plain value", "security")
        return False

    def duplicates(self, id: str, node: Any) -> None:
        seen: dict[str, int] = {}
        for name_node, _ in node.value:
            name, line = str(name_node.value), name_node.start_mark.line + 1
            if name in seen and name != "<<":
                what = f"the key appears twice, first in line {seen[name]}; the later one is used"
                self.report.add(Node(None, self.file, line), join(id, name), what, "keep one of them")
            seen.setdefault(name, line)
