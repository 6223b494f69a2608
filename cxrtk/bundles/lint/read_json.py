"""Parsing of JSON to a tree with line numbers."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from cxrtk.bundles.lint.issue import Issue, Report
from cxrtk.bundles.lint.tree import Node, join

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


def read_json(text: str, file: str, report: Report) -> Node | None:
    """Parse JSON; None if it is invalid, which is reported with its line."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        what = f"is not JSON: {error.msg} at column {error.colno}"
        cure = "correct that line or the one before it (a comma, a quote, a bracket)"
        report.say(Issue(file, error.lineno, "", what, cure))
        return None
    except ValueError as error:
        report.say(Issue(file, None, "", f"is not JSON: {error}", "write a smaller number"))
        return None
    return _Scanner(text, file, report).value("", 0)[0]


class _Scanner:
    """Scanner for valid JSON that records line numbers, which `json` discards."""

    def __init__(self, text: str, file: str, report: Report) -> None:
        self.text = text
        self.file = file
        self.report = report
        self.newlines = [match.start() for match in re.finditer("\n", text)]

    def value(self, id: str, at: int) -> tuple[Node, int]:
        at = self.skip(at)
        line = self.line(at)
        first = self.text[at]
        if first == "{":
            return self.mapping(id, at)
        if first == "[":
            return self.list(id, at)
        if first == '"':
            text, end = scanstring(self.text, at + 1, True)
            return Node(text, self.file, line), end
        match = _SCALAR.match(self.text, at)
        assert match is not None
        scalar: Any = json.loads(match.group())
        return Node(scalar, self.file, line), match.end()

    def mapping(self, id: str, at: int) -> tuple[Node, int]:
        node = Node({}, self.file, self.line(at))
        at = self.skip(at + 1)
        while self.text[at] != "}":
            line = self.line(at)
            key, at = scanstring(self.text, at + 1, True)
            at = self.skip(at) + 1  # the colon
            child, at = self.value(join(id, key), at)
            child.line = line
            if key in node.value:
                first = node.value[key].line
                what = f"the key appears twice, first in line {first}; the later one is used"
                self.report.add(child, join(id, key), what, "keep one of them")
            node.value[key] = child
            at = self.comma(at)
        return node, at + 1

    def list(self, id: str, at: int) -> tuple[Node, int]:
        node = Node([], self.file, self.line(at))
        at = self.skip(at + 1)
        while self.text[at] != "]":
            child, at = self.value(join(id, str(len(node.value))), at)
            node.value.append(child)
            at = self.comma(at)
        return node, at + 1

    def comma(self, at: int) -> int:
        at = self.skip(at)
        return self.skip(at + 1) if self.text[at] == "," else at

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None
        return match.end()

    def line(self, at: int) -> int:
        return bisect_right(self.newlines, at) + 1
