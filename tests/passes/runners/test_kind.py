"""Of which kind a machine is."""

import platform

import torch

from cxrtk.passes.runners.kind import difference, kind, other_kind


def test_this_machine():
    """Its processor, and the version of torch that computes."""
    found = kind()
    assert found["machine"] == platform.machine() and found["torch"] == str(torch.__version__)
    assert found["instructions"] == torch.backends.cpu.get_cpu_capability()
    assert found == kind()


def test_torch_is_not_imported_for_it(fresh_python):
    """A step without torch needs none."""
    lines = (
        "import sys",
        "from cxrtk.passes.runners.kind import kind",
        "print('machine' in kind(), 'instructions' in kind(), 'torch' in sys.modules)",
    )
    assert fresh_python("-c", "; ".join(lines)).out.strip() == "True False False"


def test_a_difference_is_named():
    """This includes keys that one of the two lacks."""
    assert difference({"a": 1, "b": 2}, {"a": 1, "b": 3}) == "b is 3 there and 2 here"
    assert difference({}, {"gpu": "x"}) == "gpu is x there and None here"
    assert difference({"a": 1}, {"a": 1}) == ""


def test_machines_are_compared_by_what_both_know():
    """One process may have imported torch for another purpose."""
    ours = {"machine": "x86_64", "instructions": "AVX512"}
    assert other_kind(ours, {"machine": "x86_64"}) == ""
    assert other_kind(ours, {"machine": "x86_64", "instructions": "AVX2"}) == (
        "instructions is AVX2 there and AVX512 here"
    )
