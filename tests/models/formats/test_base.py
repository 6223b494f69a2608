"""What every format has."""

import json

import pytest
import torch

from cxrtk import __version__
from cxrtk.models.formats.export import FORMATS


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("shape", [(1, 1, 64, 64), (5, 1, 64, 64), (2, 1, 36, 100)])
def test_the_file_computes_the_network(exported_files, model, suffix, shape):
    """For batches of any size, of images whose rows and columns are multiples of four."""
    images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model.network(images)
    assert torch.allclose(FORMATS[suffix].load(exported_files(suffix)).run(images), expected, atol=1e-4)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_file_says_how_to_run_it(exported_files, model, suffix):
    """All values of the model's description, and the licence with its text."""
    about = FORMATS[suffix].load(exported_files(suffix)).about
    assert about["classes"] == list(model.spec.classes)
    assert about["temperature"] == list(model.spec.temperature)
    assert (about["image_size"], about["multiple"], about["threshold"]) == ([64, 64], 4, 0.5)
    assert (about["percentiles"], about["mean"], about["std"]) == ([1, 99], 0.5, 0.25)
    assert (about["sha256"], about["version"]) == (model.sha256, __version__)
    assert about["licence"] == "CC BY 4.0" and "Give credit." in about["licence_text"]
    assert json.loads(json.dumps(about)) == about


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_file_tells_nothing_of_this_machine(exported_files, suffix):
    """No path of the code that wrote it: not where torch, cxrtk or these tests lie."""
    for path in exported_files(suffix).parent.iterdir():
        content = path.read_bytes()
        assert torch.__file__.rpartition("/torch/")[0].encode() not in content
        assert __file__.rpartition("/tests/")[0].encode() not in content
