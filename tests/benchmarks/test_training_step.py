"""benchmarks/training_step.py: it runs, and says how fast each way is."""

import sys

import pytest


@pytest.mark.parametrize("network", ["basic_unet", "lungs"])
def test_a_row_for_each_precision(load_benchmark, capsys, monkeypatch, network):
    """32 bits are the reference, once as fast as themselves; the ratio is that of the times, all above 0."""
    words = ["--network", network, "--image_size", "64", "--batch_size", "1", "--steps", "1"]
    monkeypatch.setattr(sys, "argv", ["training_step.py", *words])
    load_benchmark("training_step").main()
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[3:]]
    assert [row[0] for row in rows] == ["fp32", "AutocastInferer"]
    assert rows[0][2] == "1.00" and all(float(value) > 0 for row in rows for value in row[1:])
    reference = float(rows[0][1])
    for _, step, ratio, _ in rows:
        assert float(ratio) == pytest.approx(reference / float(step), rel=0.1, abs=0.01)
