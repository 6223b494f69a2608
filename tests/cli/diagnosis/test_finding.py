"""A finding."""

from cxrtk.cli.diagnosis.finding import OK, Finding


def test_nothing_need_be_done_by_default():
    """The cure is empty."""
    assert Finding(OK, "torch", "2.13").cure == ""
