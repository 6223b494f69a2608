"""The work on a study, killed at every point: nothing is lost, nothing stored twice."""

import os
import signal
import warnings

import pytest

from cxrtk.watch import state as states
from cxrtk.watch.loop import Pace, Watch
from cxrtk.watch.state import DONE, State
from cxrtk.watch.work import LostObjects, wanted_of

OBJECTS = ["1.1.1", "1.1.2", "2.1.1", "2.1.2"]


def watched(bench, turns):
    """Some turns of a watch, as a new process makes them."""
    with State(bench.place, "model 1") as state:
        watch = Watch(bench.work(state), Pace(quiet=0.0), lambda: 1000.0, lambda text: None)
        for _ in range(turns):
            watch.turn()


def in_a_process_killed_at(bench, point, moment):
    """Run the watch in a process that kills itself at a call of a function; whether it was killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside other threads
        child = os.fork()
    if child == 0:
        try:
            calls = 0

            def counted(function):
                def call(*arguments, **more):
                    nonlocal calls
                    calls += 1
                    own = calls  # the function may make further calls
                    if own == point and moment == "before":
                        os.kill(os.getpid(), signal.SIGKILL)
                    try:
                        return function(*arguments, **more)
                    finally:  # some end with an error, as the removal of what is not there
                        if own == point and moment == "after":
                            os.kill(os.getpid(), signal.SIGKILL)

                return call

            for name in ("see", "segmented", "stored", "done"):
                setattr(states.State, name, counted(getattr(states.State, name)))
            bench.archive.store = counted(bench.archive.store)
            os.replace = counted(os.replace)
            os.unlink = counted(os.unlink)
            os.rename = counted(os.rename)
            os.rmdir = counted(os.rmdir)
            os.fsync = counted(os.fsync)
            watched(bench, 3)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_any_point(tmp_path, moment):
    """At each call that changes anything: the next process ends with each object stored once."""
    from tests.watch.conftest import Bench

    point = 0
    while True:
        point += 1
        (tmp_path / str(point)).mkdir()
        bench = Bench(tmp_path / str(point))
        bench.shelf.studies = {"1": {"1.1": ""}, "2": {"2.1": ""}}
        killed = in_a_process_killed_at(bench, point, moment)
        watched(bench, 3)
        assert sorted(bench.archive.taken()) == OBJECTS, point
        assert sorted(path.stem for path in bench.archive.folder.glob("*.dcm")) == OBJECTS
        with State(bench.place, "model 1") as state:
            assert {study.status for study in state.every()} == {DONE}
        assert bench.left() == []
        if not killed:
            break
    assert point > 15


def test_many_kills(tmp_path):
    """One after the other, each a step later than the last: it gets there all the same."""
    from tests.watch.conftest import Bench

    bench = Bench(tmp_path)
    bench.shelf.studies = {"1": {"1.1": ""}, "2": {"2.1": ""}}
    for point in range(1, 60):
        if not in_a_process_killed_at(bench, point, "after"):
            break
    else:
        pytest.fail("it never ended")
    assert sorted(bench.archive.taken()) == OBJECTS


def test_what_was_left_behind(bench):
    """Files of unfinished work, and objects that nobody wants any more."""
    (bench.place / "work" / "1").mkdir(parents=True)
    (bench.place / "work" / "1" / "1.1.dcm").touch()
    (bench.place / "outbox").mkdir()
    (bench.place / "outbox" / "9.9.dcm").touch()
    with State(bench.place, "m") as state:
        bench.work(state)
    assert bench.left() == []


def test_an_object_of_other_content_is_not_stored(bench):
    """A file in the outbox that is not the one that was laid there."""
    with State(bench.place, "m") as state:
        work = bench.work(state)
        state.see("1", {"1.1": ""}, 0.0)
        assert work.segment("1", ["1.1"]) == 2
        (bench.place / "outbox" / "1.1.1.dcm").unlink()
        with pytest.raises(LostObjects):
            work.store("1")
    assert bench.archive.taken() == []


def test_which_instances_are_wanted(state):
    """Neither those that are done, nor results."""
    state.see("1", {"1.1": ""}, 0.0)
    state.segmented("1", ["1.1"], {"5.1": "a"})
    assert wanted_of(state, {"1.1": "", "5.1": "", "1.2": "x"}) == {"1.2": "x"}
