"""``metrics.jsonl``: one line an epoch, whatever a kill or a NaN does to it."""

import json
import math

import pytest

from cxrtk.training import metrics_log


def rows(count: int) -> list[dict]:
    return [{"epoch": epoch, "train": {"loss": 1 / epoch}} for epoch in range(1, count + 1)]


def test_one_line_an_epoch(tmp_path):
    """Each line is JSON on its own."""
    for row in rows(3):
        metrics_log.append(tmp_path, row)
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows(3) == metrics_log.read(tmp_path)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_lacks_is_null(tmp_path, value):
    """A strict parser, as that of a browser, reads the line."""
    metrics_log.append(tmp_path, {"epoch": 1, "validation": {"dice": value, "iou": 0.5}})
    text = (tmp_path / "metrics.jsonl").read_text()
    strict = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert strict == {"epoch": 1, "validation": {"dice": None, "iou": 0.5}}


@pytest.mark.parametrize("length", [1, 10, -2])
def test_a_half_written_last_line_is_passed_over(tmp_path, length):
    """The process was killed while it wrote."""
    for row in rows(2):
        metrics_log.append(tmp_path, row)
    line = json.dumps({"epoch": 3, "train": {"loss": 0.1}})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write(line[:length])
    assert metrics_log.read(tmp_path) == rows(2)


@pytest.mark.parametrize(("epoch", "left"), [(0, 0), (2, 2), (3, 3), (9, 3)])
def test_cut_drops_what_is_run_again(tmp_path, epoch, left):
    """The rows after the epoch, and a half-written line; what follows begins on a line of its own."""
    for row in rows(3):
        metrics_log.append(tmp_path, row)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 4, "tr')
    metrics_log.cut(tmp_path, epoch)
    metrics_log.append(tmp_path, {"epoch": 99})
    assert metrics_log.read(tmp_path) == [*rows(left), {"epoch": 99}]
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == left + 1


def test_where_there_is_none(tmp_path):
    """A missing log gives nothing and is not created."""
    metrics_log.cut(tmp_path, 0)
    assert metrics_log.read(tmp_path) == [] and list(tmp_path.iterdir()) == []
