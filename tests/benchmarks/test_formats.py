"""The benchmark of the formats: it runs, and its table has a row for each. No time is judged."""

import json

import pytest
import torch

from cxrtk.models.formats.export import FORMATS


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
def test_it_runs(load_benchmark, lung_model, cxrtk_data, require_module, monkeypatch, tmp_path, capsys):
    """With a small model on ten real images: equal masks, and finite numbers."""
    require_module("openvino", "openvino")
    require_module("onnxruntime", "onnxruntime")
    monkeypatch.setenv("CXRTK_DATA", str(cxrtk_data))
    found = tmp_path / "found.json"
    load_benchmark("formats").main(["--model", str(lung_model), "--images", "10", "-o", str(found)])
    rows = json.loads(found.read_text())["rows"]
    assert len(rows) == 1 + len(FORMATS)
    assert all(row["logits"] < 1e-3 and row["dice"] > 0.99 and row["per_second"] > 0 for row in rows)
    assert "| torch | 0 | 1.00000 | 1.0000 |" in capsys.readouterr().out
