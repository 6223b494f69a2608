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


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_only_16_bits_take_channels_last(model, precision):
    """The first convolution's output tells; the weights, which the model shares, keep their layout."""
    seen = []
    first = next(layer for layer in model.network.modules() if isinstance(layer, torch.nn.Conv2d))
    with first.register_forward_hook(lambda *values: seen.append(values[-1])):
        TorchBackend(model, "", precision, torch.device("cpu"))(probe_images(1, 64))
    assert seen[0].is_contiguous(memory_format=torch.channels_last) == (precision == "bf16")
    assert seen[0].is_contiguous() == (precision == "fp32") and first.weight.is_contiguous()
