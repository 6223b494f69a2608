"""The state: what is ready when, and what is known after each step."""

import pytest

from cxrtk.errors import ConfigError
from cxrtk.watch.state import DONE, GIVEN_UP, SEGMENTED, WAITING, State

ONE = {"1.1": ""}


def uids(studies):
    return [study.uid for study in studies]


def test_a_study_is_ready_when_it_has_been_quiet(state):
    """Not before, and each change begins the time anew."""
    state.see("1", ONE, 100.0)
    state.see("1", ONE, 105.0)  # the same
    assert uids(state.ready(109.0, 10.0)) == [] and uids(state.ready(110.0, 10.0)) == ["1"]
    state.see("1", {**ONE, "1.2": ""}, 109.0)
    assert uids(state.ready(118.0, 10.0)) == [] and uids(state.ready(119.0, 10.0)) == ["1"]
    state.see("1", {"1.1": "longer", "1.2": ""}, 119.0)
    assert uids(state.ready(128.0, 10.0)) == []


def test_a_clock_that_was_set_back(state):
    """By an hour: the study does not wait for that hour."""
    state.see("1", ONE, 10_000.0)
    assert uids(state.ready(6_400.0, 60.0)) == ["1"]


def test_the_way_of_a_study(state):
    """Waiting, segmented, stored one by one, done; its images and objects are known from then on."""
    state.see("1", ONE, 0.0)
    assert state.study("1").status == WAITING and state.unfinished() == ["1"]
    state.segmented("1", ["1.1"], {"5.1": "a", "5.2": "b"})
    assert state.study("1").status == SEGMENTED and uids(state.ready(0.0, 60.0)) == ["1"]
    assert state.unstored("1") == {"5.1": "a", "5.2": "b"} and state.is_wanted("5.1")
    state.stored("5.1")
    assert state.unstored("1") == {"5.2": "b"} and not state.is_wanted("5.1")
    state.stored("5.2")
    assert not state.is_finished("1")
    state.done("1")
    assert state.study("1").status == DONE and state.is_finished("1") and state.unfinished() == []
    assert state.is_done("1.1") and state.is_result("5.1") and not state.is_done("5.1")


def test_a_done_study_that_changes(state):
    """A further image makes it wait again; what is as it was does not."""
    state.see("1", ONE, 0.0)
    state.segmented("1", ["1.1"], {})
    state.done("1")
    state.see("1", ONE, 50.0)
    assert state.study("1").status == DONE
    state.see("1", {**ONE, "1.2": ""}, 60.0)
    assert state.study("1").status == WAITING and uids(state.ready(70.0, 10.0)) == ["1"]


def test_a_change_while_objects_wait_for_storage(state):
    """It is not taken for the study that was segmented: after the storage it counts as one."""
    state.see("1", ONE, 0.0)
    state.segmented("1", ["1.1"], {"5.1": "a"})
    state.see("1", {**ONE, "1.2": ""}, 10.0)
    assert state.study("1").status == SEGMENTED
    state.done("1")
    state.see("1", {**ONE, "1.2": ""}, 20.0)
    assert state.study("1").status == WAITING


def test_failures(state):
    """Each sets the time of the next; after the last the study is listed, until it is taken up again."""
    state.see("1", ONE, 0.0)
    state.failed("1", "no answer", 500.0, strike=False, again=WAITING)
    study = state.study("1")
    assert (study.attempts, study.strikes, study.reason, study.due) == (1, 0, "no answer", 500.0)
    assert state.ready(499.0, 10.0) == [] and uids(state.ready(500.0, 10.0)) == ["1"]
    state.failed("1", "refused", 600.0, strike=True, again=WAITING)
    assert state.study("1").strikes == 1
    state.give_up("1", "refused")
    assert state.study("1").status == GIVEN_UP and state.ready(9e9, 1.0) == [] and state.unfinished() == []
    assert state.take_up_again() == 1 and state.take_up_again() == 0
    study = state.study("1")
    assert (study.status, study.attempts, study.strikes, study.due) == (WAITING, 0, 0, 0.0)


def test_a_storage_that_was_given_up_is_taken_up_where_it_stopped(state):
    """What is segmented is not segmented again."""
    state.see("1", ONE, 0.0)
    state.segmented("1", ["1.1"], {"5.1": "a"})
    state.give_up("1", "refused")
    state.take_up_again()
    assert state.study("1").status == SEGMENTED


def test_another_model(tmp_path):
    """It does all anew, but knows the results of the first as no radiographs."""
    with State(tmp_path, "model 1") as one:
        one.see("1", ONE, 0.0)
        one.segmented("1", ["1.1"], {"5.1": "a"})
        one.done("1")
    with State(tmp_path, "model 2") as two:
        assert not two.is_done("1.1") and two.is_result("5.1") and two.unfinished() == []
        two.see("1", ONE, 0.0)
        assert two.unfinished() == ["1"] and [study.status for study in two.every()] == [DONE, WAITING]


def test_a_study_that_goes(state):
    """And is new when it comes back; one that is segmented stays."""
    state.see("1", ONE, 0.0)
    state.gone("1")
    assert list(state.every()) == []
    state.see("1", ONE, 50.0)
    state.segmented("1", ["1.1"], {"5.1": "a"})
    state.gone("1")
    assert state.unfinished() == ["1"]


def test_lost_objects(state):
    """All of the study is segmented again, and what was stored stays stored."""
    state.see("1", ONE, 0.0)
    state.segmented("1", ["1.1"], {"5.1": "a", "5.2": "b"})
    state.stored("5.1")
    state.forget("1")
    assert state.study("1").status == WAITING and not state.is_done("1.1")
    state.segmented("1", ["1.1"], {"5.1": "a", "5.2": "b"})
    assert state.unstored("1") == {"5.2": "b"}


def test_source_and_target(state):
    """A state belongs to one of each: it says nothing of what others have."""
    state.belongs_to("A", "B")
    state.belongs_to("A", "B")
    with pytest.raises(ConfigError, match="from A to B"):
        state.belongs_to("A", "C")
