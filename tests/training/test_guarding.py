"""What a bundle's first and last step do to the process."""

import signal
import sys

import pytest

from cxrtk.training import open_run, record
from cxrtk.training.guarding import finish, guard_process

pytestmark = pytest.mark.usefixtures("process_as_it_was")


def handlers() -> tuple[object, ...]:
    return sys.excepthook, signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)


def test_a_run_that_goes_well_leaves_the_process_as_it_was(tmp_path, monkeypatch):
    """Guarded in between; its record says that it is complete."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)  # a library may have set its own before
    before = handlers()
    guard_process()
    during = handlers()
    assert all(one != other for one, other in zip(before, during, strict=True))
    run_dir = open_run("runs", "tiny", "a")
    assert record.read(tmp_path / "runs" / "a")["status"] == "running"
    finish(run_dir)
    assert record.read(tmp_path / "runs" / "a")["status"] == "complete"
    assert handlers() == before
