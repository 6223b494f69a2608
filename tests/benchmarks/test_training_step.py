"""benchmarks/training_step.py: it runs, and says how fast each way is."""

import sys

import pytest


def test_a_row_for_each_precision(load_benchmark, capsys, monkeypatch):
    """The second column is the quotient of the first; no first step takes less than no time."""
    words = ["--network", "basic_unet", "--image_size", "32", "--batch_size", "1", "--steps", "1"]
    monkeypatch.setattr(sys, "argv", ["training_step.py", *words])
    load_benchmark("training_step").main()
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[3:]]
    assert [row[0] for row in rows] == ["fp32", "AutocastInferer"]
    reference = float(rows[0][1])
    for _, step, ratio, first in rows:
        assert float(ratio) == pytest.approx(reference / float(step), rel=0.1, abs=0.01)
        assert float(first) > 0
