"""A variable of the environment has its value within the block only."""

import os

import pytest

from cxrtk.process.environment import variable


@pytest.mark.parametrize("before", [None, "", "old"])
def test_a_variable_is_as_before_after_the_block(monkeypatch, before):
    """One that was not set is not set again; this holds even if the block raises or removes it."""
    monkeypatch.delenv("CXRTK_TESTED", raising=False)
    if before is not None:
        monkeypatch.setenv("CXRTK_TESTED", before)
    with pytest.raises(RuntimeError), variable("CXRTK_TESTED", "new"):
        assert os.environ.pop("CXRTK_TESTED") == "new"
        raise RuntimeError
    assert os.environ.get("CXRTK_TESTED") == before
