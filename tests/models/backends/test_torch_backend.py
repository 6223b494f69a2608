"""PyTorch: on the device, in the precision."""

import pytest
import torch

from cxrtk.models.backends.torch_backend import TorchBackend
from cxrtk.models.probe import probe_images


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_logits_are_float32_in_either_precision(model, precision):
    """Those of bf16 differ from the network's, by its rounding only."""
    logits = TorchBackend(model, "", precision, torch.device("cpu"))(probe_images(1, 64)).logits
    with torch.no_grad():
        expected = model.network(probe_images(1, 64))
    assert logits.dtype == torch.float32
    assert torch.equal(logits, expected) == (precision == "fp32")
    assert torch.allclose(logits, expected, atol=0.1)


def test_nothing_is_kept_for_gradients(model):
    """It is for inference."""
    assert not TorchBackend(model, "", "fp32", torch.device("cpu"))(probe_images(1, 64)).logits.requires_grad
