"""bf16 and channels-last on the CPU, without a change in what the network is asked or answers."""

import pytest
import torch
from monai.data import MetaTensor
from torch import nn

from cxrtk import ConfigError, networks
from cxrtk.training import AutocastInferer


class Seen(nn.Module):
    """A convolution that remembers what it was given, and what it gave."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.given = x
        self.gave = self.conv(x)
        return self.gave


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    """The environment of the tests is ignored."""
    monkeypatch.delenv("CXRTK_BF16", raising=False)


@pytest.mark.parametrize(("bf16", "inside"), [(True, torch.bfloat16), (False, torch.float32)])
def test_the_network_computes_as_asked_and_answers_in_float32(bf16, inside):
    """bfloat16 inside where asked; outside always float32, for the loss and the metrics."""
    network = Seen()
    output = AutocastInferer(bf16)(torch.rand(1, 3, 8, 8), network)
    assert network.gave.dtype is inside
    assert output.dtype is torch.float32


def test_without_bf16_the_numbers_are_those_of_the_network():
    """Bit for bit what the network gives for channels-last input."""
    torch.manual_seed(0)
    network, image = Seen(), torch.rand(2, 3, 8, 8)
    expected = network(image.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(AutocastInferer(False)(image, network), expected, rtol=0, atol=0)


def test_bf16_stays_close_to_fp32():
    """The paper's network on noise: logits within 5 % of their spread, signs nearly all alike."""
    torch.manual_seed(0)
    network, image = networks.create("paper_unet").eval(), torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        exact, close = (AutocastInferer(bf16)(image, network) for bf16 in (False, True))
    assert not torch.equal(exact, close)
    assert (exact - close).abs().mean() < 0.05 * exact.std()


def test_training_by_bf16_leaves_float32_gradients():
    """The weights and what the optimizer is given stay float32, close to plain fp32's."""
    torch.manual_seed(0)
    network, image = Seen(), torch.rand(2, 3, 16, 16)
    gradients = []
    for bf16 in (False, True):
        network.zero_grad()
        AutocastInferer(bf16)(image, network).square().mean().backward()
        assert network.conv.weight.grad is not None
        gradients.append(network.conv.weight.grad.clone())
    exact, close = gradients
    assert close.dtype is torch.float32
    torch.testing.assert_close(close, exact, rtol=0.05, atol=0.01 * exact.abs().max().item())


def test_the_network_sees_a_plain_channels_last_tensor():
    """A MetaTensor's values, but not its bookkeeping; the caller's tensor stays as it is."""
    network, image = Seen(), MetaTensor(torch.rand(2, 3, 8, 8), meta={"filename_or_obj": "a.png"})
    output = AutocastInferer(False)(image, network)
    assert type(network.given) is torch.Tensor and type(output) is torch.Tensor
    assert network.given.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(network.given, image.as_tensor())
    assert image.is_contiguous()


def test_further_arguments_reach_the_network():
    """MONAI's SimpleInferer behaves in the same way."""
    twice = AutocastInferer(False)(
        torch.ones(1, 1, 2, 2), lambda x, factor, shift: x * factor + shift, 2, shift=1
    )
    assert twice.unique().tolist() == [3.0]


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [(None, "0", False), (None, "1", True), (True, "0", True), (False, "1", False)],
)
def test_the_variable_decides_where_the_argument_does_not(monkeypatch, argument, variable, expected):
    """CXRTK_BF16 stands for the argument that was left out."""
    monkeypatch.setenv("CXRTK_BF16", variable)
    assert AutocastInferer(argument).bf16 is expected


@pytest.mark.parametrize("able", [True, False])
def test_otherwise_the_cpu_decides(monkeypatch, able):
    """bfloat16 where the hardware multiplies it."""
    monkeypatch.setattr("cxrtk.training.inferer.cpu_has_bf16", lambda: able)
    assert AutocastInferer().bf16 is able


def test_another_value_of_the_variable_is_refused(monkeypatch):
    """``yes`` is not taken for 0 or 1."""
    monkeypatch.setenv("CXRTK_BF16", "yes")
    with pytest.raises(ValueError, match="CXRTK_BF16 must be 0 or 1, not 'yes'"):
        AutocastInferer()


@pytest.mark.parametrize(("name", "size"), [("basic_unet", 16), ("paper_unet", 40)])
def test_a_size_that_the_network_cannot_take_is_one_line(name, size):
    """It says the size and what to choose; the size that it recommends is taken."""
    network = networks.create(name, in_channels=1)
    with pytest.raises(
        ConfigError, match=rf"does not take images of {size} x {size} pixels \(.*64"
    ) as caught:
        AutocastInferer(False)(torch.zeros(2, 1, size, size), network)
    assert "\n" not in str(caught.value)
    assert AutocastInferer(False)(torch.zeros(2, 1, 64, 64), network).shape == (2, 1, 64, 64)
