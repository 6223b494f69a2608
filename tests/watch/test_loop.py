"""The loop: studies are taken when they are quiet, once; failures come back later, and are given up."""

import pytest

from cxrtk.errors import DataError, RemoteError, StorageError
from cxrtk.watch.loop import Pace, Watch
from cxrtk.watch.state import DONE, GIVEN_UP, SEGMENTED, WAITING, State


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch(bench):
    """A watch of the bench, with `turn_at(seconds)`."""
    with State(bench.place, "model 1") as state:
        clock, said = Clock(), []
        made = Watch(bench.work(state), Pace(quiet=10.0, strikes=3, first=100.0), clock, said.append)
        made.said = said

        def turn_after(seconds):
            clock.now += seconds
            return made.turn()

        made.turn_after = turn_after
        yield made


def test_a_study_is_taken_when_it_is_quiet(bench, watch):
    """While images come it is left alone; then all are segmented together, and stored."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    assert watch.turn_after(0) and watch.turn_after(9)
    bench.shelf.studies = {"1": {"1.1": "", "1.2": ""}}
    assert watch.turn_after(1) and watch.turn_after(9) and bench.archive.taken() == []
    assert not watch.turn_after(1)
    assert bench.archive.taken() == ["1.1.1", "1.1.2", "1.2.1", "1.2.2"] and bench.left() == []
    assert "1: 2 images, 4 objects." in watch.said


def test_once(bench, watch):
    """What is done is not done again, nor are its results; a further image is done alone."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    watch.turn_after(0)
    watch.turn_after(10)
    bench.shelf.studies = {"1": {"1.1": "", "1.1.1": "", "1.1.2": ""}}  # as a folder without modalities shows
    for _ in range(3):
        assert not watch.turn_after(100)
    bench.shelf.studies["1"]["1.3"] = ""
    watch.turn_after(0)
    watch.turn_after(10)
    assert bench.archive.taken() == ["1.1.1", "1.1.2", "1.3.1", "1.3.2"]


def test_a_study_is_let_go_when_all_is_stored(bench, watch, down):
    """Not before: its files may be needed again."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    bench.archive.error = down
    watch.turn_after(0)
    watch.turn_after(10)
    assert watch.state.study("1").status == SEGMENTED
    watch.turn_after(1)
    assert bench.shelf.released == []
    bench.archive.error = None
    watch.turn_after(100)
    watch.turn_after(1)
    assert set(bench.shelf.released) == {"1.1"}


def test_a_target_that_is_down(bench, watch, down):
    """However long: nothing is segmented twice, nothing given up, and the pauses grow."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    bench.archive.error = down
    watch.turn_after(0)
    watch.turn_after(10)
    dues = []
    for _ in range(10):
        assert watch.turn_after(5000)
        study = watch.state.study("1")
        dues.append(study.due - watch._clock.now)
        assert study.status == SEGMENTED and study.strikes == 0
    assert dues[:4] == [200.0, 400.0, 800.0, 1600.0] and dues[-1] == 3600.0
    bench.archive.error = None
    assert not watch.turn_after(5000)
    assert bench.archive.taken() == ["1.1.1", "1.1.2"]
    assert sum("1 image," in line for line in watch.said) == 1


def test_an_object_that_is_refused(bench, watch):
    """A few times, then the study is given up and listed with the reason; others go on."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    bench.archive.error = RemoteError("SERVER: refuses.", status=409)
    watch.turn_after(0)
    assert [watch.turn_after(1000) for _ in range(3)] == [True, True, False]
    assert watch.state.study("1").status == GIVEN_UP and "given up: SERVER: refuses." in watch.said[-1]
    bench.archive.error = None
    bench.shelf.studies["2"] = {"2.1": ""}
    watch.turn_after(1000)
    watch.turn_after(1000)
    assert bench.archive.taken() == ["2.1.1", "2.1.2"]
    watch.state.take_up_again()
    watch.turn_after(0)
    assert bench.archive.taken()[2:] == ["1.1.1", "1.1.2"]


def test_an_image_that_cannot_be_read(bench, watch):
    """The others of its study are stored at once; it is tried again, and given up."""
    bench.shelf.studies = {"1": {"1.1": "", "6.6.1": ""}}
    watch.turn_after(0)
    watch.turn_after(10)
    assert bench.archive.taken() == ["1.1.1", "1.1.2"] and watch.state.study("1").status == WAITING
    assert watch.turn_after(1000)
    assert not watch.turn_after(1000)
    study = watch.state.study("1")
    assert (study.status, study.reason) == (GIVEN_UP, "6.6.1: is damaged")
    assert not watch.turn_after(1000) and bench.archive.taken() == ["1.1.1", "1.1.2"]


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (RemoteError("x", again=True, whole=True), False),
        (StorageError("x"), False),
        (RemoteError("x", again=True, status=500), True),
        (RemoteError("x", status=413), True),
        (RemoteError("x"), True),
        (RemoteError("x", again=True), True),
        (DataError("x"), True),
        (ZeroDivisionError("x"), True),
    ],
)
def test_what_counts_against_a_study(bench, watch, error, counts):
    """Not what would be the same for every study: a password that has run out loses none."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    bench.archive.error = error
    watch.turn_after(0)
    watch.turn_after(10)
    assert watch.state.study("1").strikes == int(counts) and watch.state.study("1").attempts == 1


def test_a_source_that_is_down(bench, watch, down):
    """It is told once, and once that it is back; what is segmented is stored meanwhile."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    bench.archive.error = down
    watch.turn_after(0)
    watch.turn_after(10)
    bench.archive.error, bench.shelf.error = None, down
    watch.turn_after(1000)
    assert watch.turn_after(10) and bench.archive.taken() == ["1.1.1", "1.1.2"]
    bench.shelf.error = None
    watch.turn_after(10)
    assert sum("cannot be queried" in line for line in watch.said) == 1
    assert watch.said.count("The source answers again.") == 1


def test_a_study_that_goes_before_it_is_taken(bench, watch):
    """It is forgotten, and new when it comes back."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    watch.turn_after(0)
    bench.shelf.studies = {}
    assert not watch.turn_after(10)
    bench.shelf.studies = {"1": {"1.1": ""}}
    watch.turn_after(10)
    watch.turn_after(10)
    assert bench.archive.taken() == ["1.1.1", "1.1.2"]


def test_an_object_that_is_lost_from_the_outbox(bench, watch, down):
    """The study is segmented again: the same objects."""
    bench.shelf.studies = {"1": {"1.1": ""}}
    bench.archive.error = down
    watch.turn_after(0)
    watch.turn_after(10)
    bench.archive.error = None
    (bench.place / "outbox" / "1.1.2.dcm").write_bytes(b"other")
    watch.turn_after(1000)
    assert watch.state.study("1").status == WAITING
    watch.turn_after(10)
    assert bench.archive.taken() == ["1.1.1", "1.1.2"] and watch.state.study("1").status == DONE
