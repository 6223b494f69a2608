"""Which runner a user's words mean."""

import os

import pytest

from cxrtk import ConfigError
from cxrtk.passes.runners.choose import Choice, cores


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("spark",), "must be one of local, processes, ray"),
        (("local", 2), "--processes needs --runner processes or ray"),
        (("processes", 0), "at least 1, not 0"),
        (("ray", -1), "at least 1, not -1"),
        (("processes", 2, "auto"), "add --runner ray"),
        (("local", None, "auto"), "add --runner ray"),
    ],
)
def test_mistakes(words, said):
    """Each is one line."""
    with pytest.raises(ConfigError, match=said):
        Choice(*words)


def test_this_process_needs_no_runner(recipe_of, tmp_path):
    """The pass has its own."""
    with Choice().start(recipe_of(tmp_path / "out")) as runner:
        assert runner is None


def test_without_ray_there_is_one_line(recipe_of, tmp_path, monkeypatch):
    """Saying what to install, or to take instead."""
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install cxrtk\[ray\], or use --runner processes"):
        Choice("ray").start(recipe_of(tmp_path / "out"))


def test_cores_are_those_that_may_be_used():
    """The number respects the limits of a batch system."""
    assert cores() == len(os.sched_getaffinity(0)) >= 1
