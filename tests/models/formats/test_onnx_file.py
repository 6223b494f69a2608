"""ONNX by its own checker."""

import pytest


@pytest.fixture
def program(exported_files, require_module):
    return require_module("onnx", "onnxruntime").load(exported_files(".onnx"))


def test_the_program_is_valid_onnx(program):
    """With named input, output and axes."""
    import onnx

    onnx.checker.check_model(program, full_check=True)
    (images,), (logits,) = program.graph.input, program.graph.output
    assert (images.name, logits.name) == ("images", "logits")
    sides = [each.dim_param or each.dim_value for each in images.type.tensor_type.shape.dim]
    assert sides == ["batch", 1, "4*rows", "4*columns"]
    assert logits.type.tensor_type.shape.dim[0].dim_param == "batch"


def test_the_description_is_metadata_of_the_model(program):
    """Under one key, and in words for programs that show a text."""
    assert [each.key for each in program.metadata_props] == ["cxrtk"]
    assert program.doc_string.startswith("small: logits")
