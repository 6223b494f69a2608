"""A pool of readers: order, no more readers than are busy at once, nothing left at work when it closes."""

import threading
import time

import pytest

from cxrtk import PluginNotFound
from cxrtk.data.reader_pool import ReaderPool


@pytest.fixture
def pool():
    """Four workers of a reader whose files nobody reads here."""
    with ReaderPool("phantom", {}, num_workers=4) as made:
        yield made


def test_results_come_in_the_order_of_the_tasks(pool):
    """Also where the later ones are done first."""

    def job(_reader, task):
        time.sleep(0.02 * (task % 3))
        return task * task

    assert list(pool.map(job, range(12), ahead=8)) == [
        0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121,
    ]  # fmt: skip


def test_a_task_has_its_reader_to_itself(pool):
    """No reader is lent twice at a time, and never more of them than workers."""
    busy, seen, clashes = set(), set(), []
    lock = threading.Lock()

    def job(reader, _task):
        with lock:
            seen.add(id(reader))
            if id(reader) in busy:
                clashes.append(id(reader))
            busy.add(id(reader))
        time.sleep(0.005)
        with lock:
            busy.remove(id(reader))

    list(pool.map(job, range(60), ahead=20))
    assert not clashes
    assert 1 < len(seen) <= 4


def test_tasks_that_follow_one_another_share_one_reader(pool):
    """Each is done before the next one begins, so that one process is enough."""
    used = [next(pool.map(lambda reader, _task: reader, [number], ahead=0)) for number in range(8)]
    assert {id(reader) for reader in used} == {id(pool.reader)}


def test_tasks_are_taken_as_results_are(pool):
    """`ahead` of them and the one asked for."""
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield number

    results = pool.map(lambda _reader, task: task, tasks(), ahead=5)
    assert (next(results), len(taken)) == (0, 6)
    assert (next(results), len(taken)) == (1, 7)


def test_an_error_comes_where_its_result_would(pool):
    """The results before it are there."""

    def job(_reader, task):
        if task == 2:
            raise ZeroDivisionError("task 2")
        return task

    results = pool.map(job, range(5), ahead=4)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError, match="task 2"):
        next(results)


def test_closing_drops_what_waits_and_ends_what_is_at_work_before_the_readers():
    """One worker: of the eight that wait none is begun, and no reader is closed under a task."""
    began, told = threading.Event(), []

    def job(_reader, task):
        told.append(task)
        if task == 1:
            began.set()
            time.sleep(1)  # the pool is closed meanwhile
            told.append("end of 1")
        return task

    with ReaderPool("phantom", {}) as pool:
        close = pool.reader.close
        pool.reader.close = lambda: (told.append("closed"), close())
        results = pool.map(job, range(10), ahead=9)
        assert next(results) == 0
        began.wait()
    assert told == [0, 1, "end of 1", "closed"]


def test_no_process_is_an_error():
    """Files are never read in the caller's own process."""
    with pytest.raises(ValueError, match="num_workers must be 1 or more, not 0"):
        ReaderPool("phantom", {}, num_workers=0)


def test_a_worker_starts_in_the_background(cxrtk_data):
    """One that was started before is the one that reads the first file."""
    path = str(sorted((cxrtk_data / "jsrt" / "images").iterdir())[0])
    with ReaderPool("files", {"root": str(cxrtk_data / "jsrt")}) as pool:
        pool.start()
        assert list(pool.map(lambda reader, path: reader.read(path).pixels.shape, [path], ahead=1)) == [
            (224, 224)
        ]
        assert pool.reader.started == 1


def test_an_unknown_reader_is_refused_before_any_work():
    """Though nothing is read."""
    with pytest.raises(PluginNotFound), ReaderPool("no_such_reader", {}):
        pass
