"""docs/paper.md: what it says of the paper's numbers is arithmetic that can be run."""

import doctest
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "paper.md"


def test_the_arithmetic_of_the_page_is_right():
    """Every block gives what the page shows."""
    failures, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert failures == 0
    assert tried >= 10
