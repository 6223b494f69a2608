"""`--verbose`, wherever it stands."""

import logging

import pytest

from cxrtk.cli.everywhere import with_verbose


@pytest.mark.parametrize("words", [["--verbose", "bundles"], ["bundles", "--verbose"]])
def test_before_or_after_the_verb(cxrtk_command, words):
    """The log shows every step."""
    assert cxrtk_command(*words).code == 0
    assert logging.getLogger("cxrtk").level == logging.DEBUG


def test_without_it_only_warnings_are_shown(cxrtk_command):
    """This is the default."""
    cxrtk_command("bundles")
    assert logging.getLogger("cxrtk").level == logging.WARNING


def test_the_verb_is_not_given_it():
    """Its own parameters stay as they are."""
    seen = []

    def verb(name: str, count: int = 1) -> None:
        seen.append((name, count))

    with_verbose(verb)(name="a", count=2, verbose=False)
    assert seen == [("a", 2)]
