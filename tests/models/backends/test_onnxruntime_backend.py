"""ONNX Runtime: converted to a program that ONNX's own checker accepts."""

import pytest
import torch

from cxrtk.models.backends.onnxruntime_backend import FILE, OnnxRuntimeBackend
from cxrtk.models.probe import probe_images


@pytest.fixture(autouse=True)
def installed(require_module):
    require_module("onnxruntime", "onnxruntime")


def test_the_program_is_valid_onnx(model, cache, layer):
    """It has named inputs and outputs, and any batch size."""
    import onnx

    backend = OnnxRuntimeBackend(model, layer, "fp32")
    (path,) = cache.rglob(FILE)
    program = onnx.load(path)
    onnx.checker.check_model(program, full_check=True)
    assert [each.name for each in program.graph.input] == ["images"]
    assert [each.name for each in program.graph.output] == ["logits", "features"]
    assert program.graph.input[0].type.tensor_type.shape.dim[0].dim_param
    assert torch.isfinite(backend(probe_images(1, 64)).logits).all()
