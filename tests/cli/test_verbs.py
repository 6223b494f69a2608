"""The list of verbs as `cxrtk --help` shows it."""

import pytest

from cxrtk.cli.app import parser
from cxrtk.cli.verbs import GROUPS, VERBS


def test_each_verb_is_in_one_group():
    """Every command of the application is in the groups, in the same order."""
    assert len(set(VERBS)) == len(VERBS)
    assert list(parser().commands) == list(VERBS)


def test_segment_comes_first():
    """It is the verb that most people need."""
    assert VERBS[0] == "segment" and next(iter(GROUPS)) == "Segment"


@pytest.mark.parametrize("title", GROUPS)
def test_the_help_has_each_line_whole(cxrtk_command, monkeypatch, title):
    """At 80 columns, each verb has one line below its group."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = cxrtk_command("--help").out.splitlines()
    start = lines.index(f"{title}:")
    for line, (verb, text) in zip(lines[start + 1 :], GROUPS[title].items(), strict=False):
        assert line.split(maxsplit=1) == [verb, text] and len(line) <= 80


@pytest.mark.parametrize("verb", VERBS)
def test_no_help_is_cut(cxrtk_command, monkeypatch, verb):
    """At 80 columns no line is longer, and none but the usage ends in dots."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = cxrtk_command(verb, "--help").out.splitlines()
    long = [line for line in lines if len(line) > 80 and " " in line.strip()]
    assert long == [] and not [line for line in lines[1:] if line.endswith("...")]
