"""Flags that stop an image."""

import pytest

from cxrtk import CxrReadError
from cxrtk.data.pixels.flags import FLAGS, refuse_flagged


def test_a_flag_that_is_not_wanted_stops_it():
    """With the file, the flag, its meaning and the attribute that raised it."""
    flags = {"lossy": "by JPEG", "lateral": "(0018,5101) ViewPosition = LL"}
    with pytest.raises(CxrReadError) as caught:
        refuse_flagged("a.dcm", flags, ["lateral"])
    assert caught.value.code == "flagged"
    for said in ("a.dcm", f"flagged lateral: {FLAGS['lateral']}", "ViewPosition = LL"):
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("flags", "refuse"), [({}, ["lateral"]), ({"lossy": "x"}, ["lateral"]), ({"lossy": "x"}, [])]
)
def test_others_pass(flags, refuse):
    """No flag, another flag, or none refused."""
    assert refuse_flagged("a.dcm", flags, refuse) is None


@pytest.mark.parametrize("refuse", [["lateral", "sideways"], "lateral"])
def test_what_is_no_list_of_flags(refuse):
    """A flag nobody knows would never stop anything; neither would the letters of one."""
    with pytest.raises(ValueError, match="refuse must be a list of lateral, oblique"):
        refuse_flagged("a.dcm", {}, refuse)
