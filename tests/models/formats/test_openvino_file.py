"""OpenVINO: two files, with names."""

import pytest

from cxrtk.models.backends.openvino_backend import without_telemetry


@pytest.fixture
def path(exported_files):
    return exported_files(".xml")


def test_weights_lie_beside_the_program(path):
    """In 32 bits: four bytes for each, at least."""
    assert sorted(each.name for each in path.parent.iterdir()) == ["small.bin", "small.xml"]


def test_input_and_output_are_named(path):
    """As in the other formats, with axes of any size but the channels."""
    with without_telemetry():
        import openvino

        program = openvino.Core().read_model(path)
    assert (program.inputs[0].any_name, program.outputs[0].any_name) == ("images", "logits")
    shape = program.inputs[0].partial_shape
    assert [each.is_dynamic for each in shape] == [True, False, True, True]
