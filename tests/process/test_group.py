"""The processes of one training: the first works for all, one tells."""

import json
import os
from types import SimpleNamespace

import pytest
from torch.distributed import HashStore

from cxrtk.errors import ConfigError
from cxrtk.process import group
from cxrtk.process.failures import report
from cxrtk.process.work import Current


@pytest.fixture
def store(process_as_it_was):
    """Of several processes; this one is each of them in turn."""
    made = HashStore()
    yield made
    group.leave()


def test_a_process_alone_is_the_first(capsys):
    """It works for itself, and tells its failure without a number."""
    assert group.is_first() and group.told() is None
    assert group.by_first("work", lambda: {"a": 1}) == {"a": 1}
    with group.first_of_machine("work"):
        pass
    assert report(ConfigError("no")) == 2
    assert capsys.readouterr().err == "cxrtk: error: no\n"


def test_the_first_works_for_all(store):
    """The others get what it returns, also for a second work of the name."""
    group.join(0, 2, store)
    assert [group.by_first("work", lambda: ["a", None]), group.by_first("work", lambda: 2)] == [
        ["a", None],
        2,
    ]
    group.join(1, 2, store)
    assert group.by_first("work", lambda: pytest.fail("not mine")) == ["a", None]
    assert group.by_first("work", lambda: pytest.fail("not mine")) == 2


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigError("no"), 2), (SystemExit(0), 0), (ValueError("x"), 1)]
)
def test_where_the_first_ends_the_others_end_too(store, error, code):
    """With its exit code, and without a word."""

    def work():
        raise error

    group.join(0, 2, store)
    with pytest.raises(type(error)):
        group.by_first("work", work)
    group.join(1, 2, store)
    with pytest.raises(SystemExit) as ended:
        group.by_first("work", work)
    assert ended.value.code == code


def test_the_first_of_each_machine_goes_before(store, monkeypatch):
    """The second of the machine finds the work done; another machine's first does not wait for it."""
    done = []
    monkeypatch.setenv("GROUP_RANK", "1")
    monkeypatch.setenv("LOCAL_RANK", "0")
    group.join(2, 4, store)
    with group.first_of_machine("sample"):
        done.append(2)
        assert not store.check(["cxrtk/sample of machine 1/1"])
    monkeypatch.setitem(os.environ, "LOCAL_RANK", "1")
    group.join(3, 4, store)
    with group.first_of_machine("sample"):
        done.append(3)
    assert done == [2, 3]


def test_the_first_to_fail_tells_and_the_record_names_it(store, capsys):
    """The first process says nothing of its own failure, which came of the other's, but writes the record."""
    ended = []
    Current.work = SimpleNamespace(
        ended=lambda *said: ended.append(said), has_progress=lambda: False, go_on_command=lambda: ""
    )
    group.join(1, 2, store)
    assert report(ConfigError("no GPU")) == 2
    assert capsys.readouterr().err == "cxrtk: error: rank 1: no GPU\n" and group.told() is None
    group.join(0, 2, store)
    assert report(RuntimeError("[gloo/transport/tcp/pair.cc:534] Connection closed by peer")) == 1
    assert capsys.readouterr().err == ""
    assert ended[-1] == ("failed", "rank 1: no GPU")


def test_a_process_that_was_killed_is_told_by_another(store, capsys):
    """It said nothing itself; the line of the one that waited for it is no traceback."""
    group.join(0, 2, store)
    report(RuntimeError("[/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:3"))
    said = capsys.readouterr().err
    assert (
        said.startswith("cxrtk: error: rank 0: another process of this training ended")
        and said.count("\n") == 1
    )


def test_a_store_that_died_keeps_no_one_from_telling(process_as_it_was):
    """Then the first tells, and the others are silent."""

    class Dead:
        def __getattr__(self, name):
            raise RuntimeError("Connection reset by peer")

    try:
        for rank, tells in ((0, True), (1, False)):
            group.join(rank, 2, Dead())
            assert group.may_tell("x") is tells and group.told() is None
    finally:
        group.leave()


def test_messages_are_json(store):
    """Nothing is pickled."""
    group.join(0, 2, store)
    group.by_first("mean", lambda: 0.5)
    assert json.loads(store.get("cxrtk/mean/1")) == {"value": 0.5}
