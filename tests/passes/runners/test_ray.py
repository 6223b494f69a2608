"""Workers that Ray places, each pass in a process of its own."""

from importlib.util import find_spec

import pytest

from cxrtk.passes.runners.ray import _needs
from cxrtk.passes.runners.worker import Order
from tests.conftest import lacking

pytestmark = pytest.mark.slow


@pytest.fixture
def apply(toy, folder, fresh_python):
    """``apply(output, *words)`` is `cxrtk apply toy` on a local Ray of two workers."""
    if find_spec("ray") is None:  # which takes seconds to import
        lacking("needs ray: pip install cxrtk[ray]")

    def apply(output, *words):
        command = ["-m", "cxrtk", "apply", "toy", "-i", folder, "-o", output, "--batch-size", "2", "-q"]
        return fresh_python(*command, "--runner", "ray", "--processes", "2", *words)

    return apply


def test_a_worker_that_is_killed_midway(by, apply, tmp_path, content):
    """Is replaced; outputs, manifest and table have the bytes of a pass in this process."""
    by("local", tmp_path / "local")
    faults = ("--set", "step#fault=once", "--set", "step#at=a/1.png", "--set", f"step#marks={tmp_path}")
    ended = apply(tmp_path / "out", *faults)
    assert ended.code == 3, ended.err  # of the damaged file
    assert (tmp_path / "died").exists() and "A worker ended (ActorDiedError)" in ended.err
    assert ended.err.count("cut.png") == 1
    assert content(tmp_path / "out") == content(tmp_path / "local")


def test_no_cluster_at_the_address(apply, tmp_path):
    """Is one line, before anything is written."""
    ended = apply(tmp_path / "out", "--address", "auto")
    assert ended.code == 2 and "Traceback" not in ended.err, ended.err
    assert "--address auto: Ray does not start there" in ended.err and not (tmp_path / "out").exists()


@pytest.mark.slow
def test_what_ray_began_goes_on_anywhere(by, apply, tmp_path, content):
    """Stopped at a bad file, it ends with the same bytes in other processes."""
    by("local", tmp_path / "local")
    assert apply(tmp_path / "out", "--on-error", "stop").code == 2
    by("processes", tmp_path / "out", go_on=True)
    assert content(tmp_path / "out") == content(tmp_path / "local")


@pytest.mark.parametrize(("device", "gpus"), [("cpu", 0), ("cuda", 1), ("cuda:1", 1), (None, 0)])
def test_a_gpu_for_each_worker_of_a_step_that_computes_on_one(recipe_of, tmp_path, device, gpus):
    """Every worker asks for one core, and for a GPU if its step computes on one."""
    arguments = {} if device is None else {"device": device}
    needs = _needs(Order(recipe_of(tmp_path / "out", arguments)))
    assert (needs["num_cpus"], needs["num_gpus"], needs["max_restarts"]) == (1, gpus, 0)
