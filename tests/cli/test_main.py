"""The command line as a whole: help, version, exit codes, one line an error."""

import errno
import os
import re

import pytest

import cxrtk
from cxrtk import CxrReadError, PluginConflict
from cxrtk.cli import main
from cxrtk.cli import plugins as plugins_verb


def test_help_lists_the_verbs(cxrtk_command):
    """`cxrtk --help` names every verb."""
    ended = cxrtk_command("--help")
    assert ended.code == 0
    assert {"plugins", "new", "masks", "bundles", "assemble"} <= set(ended.out.split())


@pytest.mark.parametrize("verb", ["plugins", "new", "masks", "bundles", "assemble"])
def test_each_verb_has_help(cxrtk_command, verb):
    """`cxrtk <verb> --help` ends well and begins with how to type it."""
    ended = cxrtk_command(verb, "--help")
    assert ended.code == 0
    assert ended.out.strip().startswith(f"Usage: cxrtk {verb}")


def test_version(cxrtk_command):
    """`cxrtk --version` prints it and nothing else."""
    assert cxrtk_command("--version").out == f"cxrtk {cxrtk.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["no_such_verb"], "no such command 'no_such_verb'; see cxrtk --help."),
        (["plugins", "--no_such_option"], "no such option: --no_such_option; see cxrtk plugins --help."),
        (["new", "masks"], "missing argument 'name'; see cxrtk new --help."),
        (["inspect", "a", "b"], "got unexpected extra argument(s) (b); see cxrtk inspect --help."),
    ],
)
def test_usage_errors(cxrtk_command, arguments, line):
    """What is mistyped ends with code 2 and one line that says where the usage is told."""
    ended = cxrtk_command(*arguments)
    assert (ended.code, ended.out, ended.err) == (2, "", f"cxrtk: error: {line}\n")


def test_without_a_word_the_help_is_shown(cxrtk_command):
    """The help is on stderr, and the exit code is 2 because nothing was done."""
    ended = cxrtk_command()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: cxrtk [OPTIONS] COMMAND") and "segment" in ended.err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(errno.ENOSPC, "full", "a.png"),
            "a.png: no space left on the disk; free some space and continue",
        ),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_machine_lacks_is_one_line(cxrtk_command, monkeypatch, error, line):
    """A full disk and lack of memory are no faults of ours."""

    def fail(kind):
        raise error

    monkeypatch.setattr(plugins_verb, "found", fail)
    ended = cxrtk_command("plugins")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"cxrtk: error: {line}") and ended.err.count("\n") == 1


def test_help_is_quick(fresh_python):
    """`cxrtk --help` in a new process takes at most 0.4 s of the processor, Python's own start included."""
    took = []
    for _ in range(3):
        before = os.times()
        assert fresh_python("-m", "cxrtk", "--help").code == 0
        after = os.times()
        took.append(sum(after[2:4]) - sum(before[2:4]))  # user and system time of ended children
    assert 0 < min(took) <= 0.4


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (CxrReadError("a.png", "is empty", cure="copy it"), 2, "cxrtk: error: a.png: is empty; copy it\n"),
        (PluginConflict("two of one name:\n  a.py\n  b.py"), 2, "cxrtk: error: two of one name: a.py b.py\n"),
    ],
)
def test_an_error_is_one_line(cxrtk_command, monkeypatch, error, code, line):
    """A CxrError ends the command with its exit code and one line on stderr, no traceback."""

    def fail(kind):
        raise error

    monkeypatch.setattr(plugins_verb, "found", fail)
    ended = cxrtk_command("plugins")
    assert (ended.code, ended.out, ended.err) == (code, "", line)


def test_an_unexpected_error_keeps_its_traceback(monkeypatch):
    """A fault of ours is not dressed up as the user's."""

    def fail(kind):
        raise ZeroDivisionError

    monkeypatch.setattr(plugins_verb, "found", fail)
    with pytest.raises(ZeroDivisionError):
        main(["plugins"])


def test_verbose_shows_where_an_error_began(fresh_python, tmp_path):
    """With --verbose the traceback comes before the one line, which stays the last."""
    ended = fresh_python("-m", "cxrtk", "--verbose", "bundles", "nothing")
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert re.fullmatch(r"cxrtk: error: No bundle 'nothing'.*", ended.err.strip().splitlines()[-1])


def test_a_fresh_process_ends_with_the_code(fresh_python):
    """`python -m cxrtk` hands the exit code to the shell."""
    ended = fresh_python("-m", "cxrtk", "bundles", "nothing")
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(r"cxrtk: error: No bundle 'nothing'\. Available: .*\n", ended.err)


@pytest.mark.parametrize(
    ("words", "offered"),
    [("cxrtk seg", "segment"), ("cxrtk segment --output-t", "--output-types"), ("cxrtk new re", "readers")],
)
def test_a_shell_completes(fresh_python, words, offered):
    """Verbs, options, and values of a fixed list, as the script of `--show-completion` asks for them."""
    asked = {"_CXRTK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": len(words.split()) - 1}
    ended = fresh_python("-m", "cxrtk", **asked)
    assert ended.code == 0 and ended.out.split() == [offered]
