"""An issue has a code that exists, and its severity is that of the code unless it was accepted."""

import pytest

from cxrtk.data.check.codes import CODES, ERROR, NOTE, SEVERITIES
from cxrtk.data.check.issue import Issue, severity


def test_a_code_that_nobody_knows():
    """It could be neither explained nor accepted."""
    assert Issue("constant", ("a.png",)).images == ("a.png",)
    with pytest.raises(ValueError, match="'konstant' is not a code of a check"):
        Issue("konstant")


@pytest.mark.parametrize("accepted", [{"constant": "known"}, frozenset({"constant"})])
def test_what_was_accepted_is_a_note(accepted):
    """And nothing else is."""
    assert severity("constant") == ERROR
    assert severity("constant", accepted) == NOTE
    assert severity("unreadable", accepted) == ERROR


def test_each_code_has_a_severity():
    """One of three."""
    assert {severity(code) for code in CODES} <= set(SEVERITIES)
