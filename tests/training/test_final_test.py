"""The test's result says what was measured, against what, and at which size."""

import json
import logging

import pytest
import torch
from ignite.engine import Engine, Events

from cxrtk.training import TestReport

TRUTH = "human masks, heart excluded"


def engine_of(*batches: int, dice: float = 0.5) -> Engine:
    """An engine whose outputs are lists of so many items, and which has one metric."""
    engine = Engine(lambda _, count: [{}] * count)
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: engine.state.metrics.update(dice=dice))
    engine.state.max_epochs = 1
    engine.data = list(batches)
    return engine


@pytest.fixture
def report(tmp_path):
    """A report into `tmp_path`."""
    return TestReport(str(tmp_path), TRUTH, "runs/a/best.pt")


def test_the_file_says_what_was_measured(report, tmp_path):
    """Metrics, the count of images, their truth, the size, and whose weights."""
    engine = engine_of(2, 2, 1, dice=torch.tensor(0.75))
    report.attach(engine)
    engine.run(engine.data)
    assert json.loads((tmp_path / "test_metrics.json").read_text()) == {
        "metrics": {"dice": 0.75},
        "images": 5,
        "truth": TRUTH,
        "resolution": "original size",
        "checkpoint": "runs/a/best.pt",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["test_metrics.json"]


def test_the_log_has_it_in_one_line(report, caplog):
    """Number, images, size and truth."""
    engine = engine_of(3, dice=0.96123)
    report.attach(engine)
    with caplog.at_level(logging.INFO, "cxrtk"):
        engine.run(engine.data)
    (record,) = (record for record in caplog.records if record.name.startswith("cxrtk"))
    assert record.message.startswith(f"Test (3 images at original size, against {TRUTH}): dice 0.9612; ")


def test_a_second_run_counts_anew(report, tmp_path):
    """Five images tested twice are five."""
    engine = engine_of(5)
    report.attach(engine)
    for _ in range(2):
        engine.run(engine.data, max_epochs=1)
    assert json.loads((tmp_path / "test_metrics.json").read_text())["images"] == 5


def test_a_test_that_breaks_off_leaves_no_result(report, tmp_path):
    """No file where not every image was seen."""

    def fail(_: Engine, item: int) -> list:
        if item == 1:
            raise RuntimeError("unreadable")
        return [{}]

    engine = Engine(fail)
    report.attach(engine)
    with pytest.raises(RuntimeError, match="unreadable"):
        engine.run([0, 1, 2])
    assert list(tmp_path.iterdir()) == []
