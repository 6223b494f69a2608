"""Timing: every backend that runs here, compared with torch in 32 bits."""

import pytest

from cxrtk.models.backends import choice, timing
from cxrtk.models.backends.timing import runnable, time_backends


def test_every_backend_that_runs_is_timed(model, monkeypatch):
    """With torch alone there is one row, which differs from itself by the rounding of another batch."""
    monkeypatch.setattr(timing, "installed", lambda: ["torch"])
    monkeypatch.setattr(choice, "cpu_has_bf16", lambda: False)
    (found,) = time_backends(model, 2, 0.01)
    assert (found.backend, found.precision) == ("torch", "fp32")
    assert found.difference < 1e-5
    assert found.milliseconds > 0 and found.batches >= 3


def test_precisions_are_those_of_this_cpu(monkeypatch):
    """Bf16 where it is in hardware, and never with ONNX Runtime."""
    monkeypatch.setattr(timing, "installed", lambda: ["torch", "openvino", "onnxruntime"])
    monkeypatch.setattr(choice, "_missing", lambda name: [])
    monkeypatch.setattr(choice, "cpu_has_bf16", lambda: True)
    assert runnable() == [
        ("torch", "fp32"),
        ("torch", "bf16"),
        ("openvino", "fp32"),
        ("openvino", "bf16"),
        ("onnxruntime", "fp32"),
    ]
    monkeypatch.setattr(choice, "cpu_has_bf16", lambda: False)
    assert runnable() == [("torch", "fp32"), ("openvino", "fp32"), ("onnxruntime", "fp32")]


def test_the_bar_sums_to_the_seconds(model, monkeypatch):
    """However long the last batch takes."""
    monkeypatch.setattr(timing, "installed", lambda: ["torch"])
    monkeypatch.setattr(choice, "cpu_has_bf16", lambda: False)
    passed = []
    time_backends(model, 1, 0.05, passed.append)
    assert sum(passed) == pytest.approx(0.05)
