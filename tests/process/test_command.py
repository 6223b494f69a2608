"""The command line as a user typed it."""

import pytest

from cxrtk.process.command import command_words


@pytest.mark.parametrize("program", ["cxrtk", "/opt/cxrtk/__main__.py"])
def test_other_verbs_are_cxrtks_too(program):
    """The record shows what was typed."""
    assert command_words([program, "check", "data"]) == ["cxrtk", "check", "data"]


def test_the_default_is_this_process(monkeypatch):
    """What stands in ``sys.argv``."""
    monkeypatch.setattr("sys.argv", ["/x/bin/cxrtk", "train", "unet_cxr"])
    assert command_words() == ["cxrtk", "train", "unet_cxr"]
