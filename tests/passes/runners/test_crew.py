"""How batches are handed out: to whoever is free; a lost one again; one that ends its workers no more."""

from collections import deque
from pathlib import PurePath

import pytest

from cxrtk import ConfigError, DataError, Step
from cxrtk.passes import inputs_of
from cxrtk.passes.manifest import Entry
from cxrtk.passes.plan import Planned
from cxrtk.passes.recipe import Reading, Recipe
from cxrtk.passes.runners.base import Task
from cxrtk.passes.runners.crew import Crew, CrewRunner, Death, WorkerFault
from cxrtk.passes.runners.kind import kind
from cxrtk.passes.runners.worker import Report

MADE = {"model": {"name": "m"}, "settings": {"batch_size": 2}}


class Nothing(Step):
    def unread(self):
        return {"mean": None}

    def __call__(self, batch):
        raise AssertionError("workers do it")


class Scripted(Crew):
    """Workers that die over batches as a script says: number of the batch -> how often."""

    def __init__(self, deaths=None, starts=(), made=MADE, of_kind=None):
        self.deaths = dict(deaths or {})
        self.starts = deque(starts)  # of each hired worker, whether it dies while it starts
        self.made, self.of_kind = made, of_kind or kind()
        self.said = deque()
        self.hired = self.dismissed = 0
        self.given = []

    def hire(self):
        self.hired += 1
        if self.starts and self.starts.popleft():
            self.said.append((self.hired, Death("SIGKILL")))
        else:
            self.said.append((self.hired, Report(made_by=self.made, kind=self.of_kind, host="h")))
        return self.hired

    def give(self, worker, task):
        self.given.append((worker, task.number))
        if self.deaths.get(task.number, 0):
            self.deaths[task.number] -= 1
            self.said.append((worker, Death("SIGSEGV")))
        else:
            self.said.append((worker, Report(task.number, [Entry(job.name, "ok") for job in task.group])))

    def news(self):
        return [self.said.popleft()]

    def dismiss(self):
        self.dismissed += 1


def tasks(count):
    """Batches of two."""
    for number in range(count):
        names = (f"{number}a.png", f"{number}b.png")
        yield Task(number, [Planned({"image": n}, 0, n, PurePath(n), known={"k": n}) for n in names])


@pytest.fixture
def run(tmp_path):
    """``run(crew, batches, workers)``: number of each batch -> its entries."""

    def run(crew, batches=5, workers=2):
        recipe = Recipe("none", {}, Reading(inputs_of([str(tmp_path)])), tmp_path / "out")
        with CrewRunner(crew, workers, recipe) as runner:
            found = [(task.number, entries) for task, entries in runner.run(tasks(batches), Nothing(), MADE)]
        assert len(dict(found)) == len(found)  # each once
        return dict(found)

    return run


def test_each_batch_is_done_once(run):
    """No worker is left idle, and all are dismissed at the end."""
    crew = Scripted()
    assert sorted(run(crew)) == [0, 1, 2, 3, 4]
    assert {worker for worker, _ in crew.given} == {1, 2}
    assert (crew.hired, crew.dismissed, len(crew.given)) == (2, 1, 5)


def test_no_batches(run):
    """No worker receives a batch."""
    crew = Scripted()
    assert run(crew, 0) == {} and crew.given == []


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_lost_batch_is_done_by_another(run, deaths):
    """Each worker that died is replaced."""
    crew = Scripted({1: deaths})
    found = run(crew)
    assert sorted(found) == [0, 1, 2, 3, 4] and found[1][0].status == "ok"
    assert crew.hired == 2 + deaths


def test_a_batch_that_ends_its_workers_is_given_up(run, caplog):
    """Each member fails with what is known of it, and the others are done; the reason blames none of them."""
    crew = Scripted({1: 99})
    found = run(crew)
    assert [entry.status for entry in found[1]] == ["failed", "failed"]
    first = found[1][0]
    assert (first.input, first.code, first.row) == ("1a.png", "crashed", {"mean": None, "k": "1a.png"})
    assert first.reason == "3 workers ended over its batch of 2 (SIGSEGV)"
    assert (first.model, first.settings) == (MADE["model"], MADE["settings"])
    assert {entries[0].status for number, entries in found.items() if number != 1} == {"ok"}
    assert "1a.png, 1b.png: 3 workers ended" in caplog.text


def test_the_last_batch_may_be_lost_too(run):
    """Another worker is there to do it."""
    assert sorted(run(Scripted({0: 2}), 1, 1)) == [0]


def test_workers_that_die_while_they_start(run):
    """One now and then is replaced; three in a row end the pass."""
    assert sorted(run(Scripted(starts=[True, False, True, True, False]))) == [0, 1, 2, 3, 4]
    crew = Scripted(starts=[True] * 9)
    with pytest.raises(DataError, match=r"3 workers ended one after another during their start \(SIGKILL\)"):
        run(crew)
    assert crew.dismissed == 1


@pytest.mark.parametrize(
    ("crew", "said"),
    [
        (Scripted(made={**MADE, "model": {"name": "n"}}), "name is n there and m here"),
        (Scripted(made={**MADE, "settings": {"batch_size": 3}}), "batch_size is 3 there and 2 here"),
        (Scripted(of_kind={**kind(), "machine": "abacus"}), "machine is abacus there"),
    ],
)
def test_a_worker_that_would_make_other_outputs_is_refused(run, crew, said):
    """The message gives the difference, before the worker does anything."""
    with pytest.raises(ConfigError, match=f"A worker on h would make other outputs.*{said}"):
        run(crew)
    assert crew.given == [] and crew.dismissed == 1


def test_an_error_of_a_worker_ends_the_pass(run):
    """An error of cxrtk is raised unchanged, any other with the traceback of the worker."""
    crew = Scripted()
    crew.give = lambda worker, task: crew.said.append((worker, Report(task.number, error=DataError("no"))))
    with pytest.raises(DataError, match="no"):
        run(crew)
    crew = Scripted()
    report = Report(0, error=DataError("x"), trace="Traceback: in step.py")
    crew.give = lambda worker, task: crew.said.append((worker, report))
    with pytest.raises(WorkerFault, match=r"Traceback: in step\.py"):
        run(crew)
