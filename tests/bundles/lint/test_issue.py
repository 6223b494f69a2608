"""Lines of the linter and the list that they are gathered in."""

import pytest

from cxrtk.bundles.lint.issue import COMMAND_LINE, MOST, Issue, Report, TooManyError, did_you_mean
from cxrtk.bundles.lint.tree import Node


@pytest.mark.parametrize(
    ("issue", "line"),
    [
        (Issue("x.json", 12, "a#b", "is wrong", "mend it"), "x.json:12: a#b: is wrong; mend it"),
        (Issue("x.json", None, "", "is wrong", "mend it"), "x.json: is wrong; mend it"),
        (Issue("--set", None, "a", "is wrong", "mend it"), "--set: a: is wrong; mend it"),
        (Issue("x.json", 1, "a", "two\nlines \x1b[2J", "mend"), "x.json:1: a: two lines \\x1b[2J; mend"),
    ],
)
def test_one_line_each(issue, line):
    """File, line, id, what and cure; a stranger's text forges no line and steers no terminal."""
    assert str(issue) == line


def test_what_is_said_twice_is_kept_once():
    """Of one place in a file, whatever its id; overrides have no line and are told apart by id."""
    report = Report()
    for id in ("a", "b"):
        report.add(Node(1, "x.json", 3), id, "is wrong", "mend it")
        report.add(Node(1, COMMAND_LINE), id, "is wrong", "mend it")
    report.add(Node(1, "x.json", 4), "a", "is wrong", "mend it")
    found = report.issues(["x.json"])
    assert [(each.file, each.line, each.id) for each in found] == [
        ("x.json", 3, "a"), ("x.json", 4, "a"), (COMMAND_LINE, None, "a"), (COMMAND_LINE, None, "b")
    ]  # fmt: skip


def test_the_order_is_that_of_the_files():
    """Then of the lines; a file that nobody named comes last; security can be left out."""
    report, errors = Report(), Report(security=False)
    for file, line, kind in (("b", 2, "error"), ("c", 1, "error"), ("a", 9, "security"), ("b", 1, "error")):
        report.say(Issue(file, line, "", "wrong", "mend", kind))
        errors.say(Issue(file, line, "", "wrong", "mend", kind))
    assert [(each.file, each.line) for each in report.issues(["b", "a"])] == [
        ("b", 1), ("b", 2), ("a", 9), ("c", 1)
    ]  # fmt: skip
    assert "a" not in {each.file for each in errors.issues(["b", "a"])}


@pytest.mark.parametrize(
    ("word", "cure"),
    [
        ("chanels", "did you mean 'channels'?"),
        ("CHANNELS", "did you mean 'channels'?"),
        ("stride", "did you mean 'strides'?"),
        ("kernel", "leave it out"),
        ("channels" * 20, "leave it out"),  # not looked through
    ],
)
def test_the_nearest_word(word, cure):
    """By spelling or by case; else the other sentence."""
    assert did_you_mean(word, ["channels", "strides"], "leave it out") == cure


def test_very_many_issues_end_the_search():
    """At `MOST` of them, whether of one line or of many."""
    report = Report()
    with pytest.raises(TooManyError):
        for line in range(2 * MOST):
            report.say(Issue("a", line, "", "wrong", "mend"))
    assert len(report.issues([])) == MOST
    again = Report()
    with pytest.raises(TooManyError):
        for _ in range(100 * MOST):
            again.say(Issue("a", 1, "", "wrong", "mend"))
