"""Of which kind a machine is."""

import platform

import torch

from cxrtk.passes.runners.kind import difference, kind


def test_this_machine():
    """Its processor, and the version of torch that computes."""
    found = kind()
    assert found["machine"] == platform.machine() and found["torch"] == str(torch.__version__)
    assert found == kind()


def test_torch_is_not_imported_for_it(fresh_python):
    """A step without torch needs none."""
    text = "import sys; from cxrtk.passes.runners.kind import kind; print(sorted(kind()), 'torch' in sys.modules)"
    assert fresh_python("-c", text).out.strip() == "['machine', 'python'] False"


def test_a_difference_is_named():
    """Also what one of the two lacks."""
    assert difference({"a": 1, "b": 2}, {"a": 1, "b": 3}) == "b is 3 there and 2 here"
    assert difference({}, {"gpu": "x"}) == "gpu is x there and None here"
    assert difference({"a": 1}, {"a": 1}) == ""
