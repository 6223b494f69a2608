"""A worker in this process: what it reports of starting, of a batch, and of what goes wrong."""

import logging
import pickle

import pytest

from cxrtk import ConfigError, DataError
from cxrtk.passes.plan import groups, plan
from cxrtk.passes.runners.base import Task
from cxrtk.passes.runners.worker import Order, Worker


@pytest.fixture
def started(recipe_of, tmp_path):
    """``started(arguments)``: a worker, its first report, and its batches."""
    handlers, level = logging.root.handlers[:], logging.getLogger("cxrtk").level
    workers = []

    def started(**arguments):
        recipe = recipe_of(tmp_path / "out", arguments)
        recipe.output_dir.mkdir(exist_ok=True)
        workers.append(Worker(Order(recipe, level=logging.WARNING)))
        report = workers[-1].start()
        ((source, files),) = recipe.reading.sources()
        with files:
            batches = groups(plan([(source, files.reader.items())], recipe.output_dir), 2)
            return workers[-1], report, [Task(number, group) for number, group in enumerate(batches)]

    yield started
    for worker in workers:
        worker.close()
    logging.root.handlers[:] = handlers
    logging.getLogger("cxrtk").setLevel(level)


def test_it_says_what_it_would_make(started):
    """It also reports the kind of its machine, so that it can be refused."""
    _, report, _ = started()
    assert report.number is None and report.error is None
    assert report.made_by == {"model": {}, "settings": {"digits": 3, "batch_size": 2}}
    assert report.kind["machine"] and report.host


def test_a_batch(started):
    """Its entries, and what was logged on the way, all of which can be sent."""
    worker, _, tasks = started()
    reports = [pickle.loads(pickle.dumps(worker.do(task))) for task in tasks]
    assert [report.number for report in reports] == [0, 1, 2, 3]
    assert [[entry.status for entry in report.entries] for report in reports] == [
        ["ok", "ok"], ["left_out", "ok"], ["ok", "ok"], ["ok", "failed"],
    ]  # fmt: skip
    assert [len(report.records) for report in reports] == [0, 0, 0, 1]
    assert "cut.png" in reports[3].records[0].getMessage()


def test_a_batch_that_was_done(started):
    """Is not done again, unless an output is gone."""
    worker, _, tasks = started()
    entries = worker.do(tasks[0]).entries
    again = Task(0, tasks[0].group, entries)
    assert worker.do(again).entries is None
    (worker.order.recipe.output_dir / "4.txt").unlink()
    assert worker.do(again).entries == entries


@pytest.mark.parametrize(
    ("fault", "kind", "said", "traced"),
    [
        ("refuses", DataError, "this cannot go on", False),
        ("own", Exception, "this and that", False),
        ("bug", Exception, "ZeroDivisionError: a bug", True),
    ],
)
def test_what_a_step_raises(started, fault, kind, said, traced):
    """Is reported, as itself where another process can read it; a bug with its traceback."""
    worker, _, tasks = started(at="4.png", fault=fault)
    report = pickle.loads(pickle.dumps(worker.do(tasks[0])))
    assert isinstance(report.error, kind) and str(report.error) == said
    assert ("_fault" in report.trace) is traced


def test_what_goes_wrong_while_it_starts(started, recipe_of, tmp_path):
    """A step that cannot be made, a folder that this machine does not have."""
    _, report, _ = started(nonsense=1)
    assert "nonsense" in str(report.error)
    report = Worker(Order(recipe_of(tmp_path / "out"), str(tmp_path / "elsewhere"))).start()
    assert isinstance(report.error, ConfigError) and "has no such folder" in str(report.error)
