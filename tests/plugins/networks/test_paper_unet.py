"""The paper's network: its layers and numbers are written out here by hand, from the paper's description."""

import math
import sys

import pytest
import torch
from torch import nn

from cxrtk import networks

# (in, out) channels of the 22 3x3 convolutions, in the order in which an image meets them.
ENCODER = [(3, 32), (32, 32), (32, 64), (64, 64), (64, 64), (64, 64), (64, 128), (128, 128)]
BOTTOM = [(128, 256)]
DECODER = [
    *[(256, 256), (256, 256), (128 + 256, 256)],
    *[(256, 256), (256, 256), (64 + 256, 256)],
    *[(256, 128), (128, 128), (64 + 128, 128)],
    *[(128, 64), (64, 64), (32 + 64, 64)],
]
LAST = [(64, 1)]
SIDES = [256] * 2 + [128] * 2 + [64] * 2 + [32] * 2 + [16] + [32] * 3 + [64] * 3 + [128] * 3 + [256] * 4


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """The network of the paper: RGB in, one logit out."""
    torch.manual_seed(0)
    return networks.create("paper_unet", in_channels=3, out_channels=1).eval()


def convolutions(network: nn.Module) -> list[nn.Conv2d]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d)]


def met_by_an_image(network: nn.Module, image: torch.Tensor) -> list[tuple[nn.Conv2d, torch.Tensor]]:
    """Each convolution with its input, in the order of the forward pass."""
    met: list[tuple[nn.Conv2d, torch.Tensor]] = []
    hooks = [
        layer.register_forward_hook(lambda layer, inputs, _: met.append((layer, inputs[0].clone())))
        for layer in convolutions(network)
    ]
    with torch.no_grad():
        network(image)
    for hook in hooks:
        hook.remove()
    return met


@pytest.mark.parametrize(("channels", "parameters"), [(3, 5_469_473), (1, 5_468_897)])
def test_the_parameters_are_those_the_paper_prints(channels, parameters):
    """5,469,473 for RGB input, 576 = 2 x 32 x 9 fewer for grey."""
    network = networks.create("paper_unet", in_channels=channels, out_channels=1)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_three_channels_and_one_logit_are_the_default():
    """Without arguments it is the paper's network."""
    assert sum(parameter.numel() for parameter in networks.create("paper_unet").parameters()) == 5_469_473


def test_the_table_of_layers_adds_up_to_the_paper():
    """The hand-written table gives the paper's number: 9 weights a pair of channels, one bias each."""
    assert sum(9 * i * o + o for i, o in ENCODER + BOTTOM + DECODER + LAST) == 5_469_473


def test_22_convolutions_of_the_right_channels_in_the_right_order(network):
    """An image of 256 x 256 meets the convolutions of the table, at 256-128-64-32-16 and back."""
    met = met_by_an_image(network, torch.zeros(1, 3, 256, 256))
    assert len(convolutions(network)) == len(met) == 22
    assert [(layer.in_channels, layer.out_channels) for layer, _ in met] == ENCODER + BOTTOM + DECODER + LAST
    assert [tuple(x.shape[-2:]) for _, x in met] == [(side, side) for side in SIDES]
    assert {layer.kernel_size for layer, _ in met} == {(3, 3)}


def test_every_convolution_but_the_last_is_followed_by_relu(network):
    """What the convolutions after the first see is never negative; the logits may be."""
    torch.manual_seed(1)
    inputs = [x for _, x in met_by_an_image(network, torch.rand(1, 3, 32, 32) - 0.5)]
    assert inputs[0].min() < 0
    assert all(x.min() >= 0 for x in inputs[1:])
    assert any(network(torch.rand(1, 3, 32, 32)).min() < 0 for _ in range(5))


def test_no_layer_but_convolutions_has_parameters(network):
    """Neither normalisation nor transposed convolutions: up-sampling is by nearest neighbours."""
    with_parameters = {type(m) for m in network.modules() if list(m.parameters(recurse=False))}
    assert with_parameters == {nn.Conv2d}
    assert {m.mode for m in network.modules() if isinstance(m, nn.Upsample)} == {"nearest"}


@pytest.mark.parametrize(("skip", "join", "channels"), [(7, 11, 128), (5, 14, 64), (3, 17, 64), (1, 20, 32)])
def test_the_skip_comes_first_in_the_concatenation(network, skip, join, channels):
    """The first channels that the joining convolution sees are the encoder's output of that size.

    Counted from 0, `skip` is the second convolution of the encoder's stage, `join` the decoder's third.
    """
    torch.manual_seed(2)
    met = met_by_an_image(network, torch.rand(1, 3, 64, 64))
    layer, x = met[skip]
    with torch.no_grad():
        encoded = torch.relu(layer(x))
    assert encoded.shape[1] == channels
    torch.testing.assert_close(met[join][1][:, :channels], encoded)


@pytest.mark.parametrize("size", [(128, 128), (16, 16), (48, 80), (32, 176)])
def test_any_multiple_of_16_works(network, size):
    """The logits are as large as the image, at sizes other than 256 and where height and width differ."""
    with torch.no_grad():
        assert network(torch.zeros(2, 3, *size)).shape == (2, 1, *size)


@pytest.mark.parametrize(
    ("size", "padded"), [((250, 256), "256 x 256"), ((17, 31), "32 x 32"), ((224, 225), "224 x 240")]
)
def test_another_size_is_refused_with_the_padding(network, size, padded):
    """The message names the size given, the size to pad to, and MONAI's transform that does it."""
    with pytest.raises(ValueError, match=f"{size[0]} x {size[1]}.*pad to {padded}.*DivisiblePadd"):
        network(torch.zeros(1, 3, *size))


def test_weights_are_glorot_uniform_and_biases_zero():
    """Within +-sqrt(6 / (fan_in + fan_out)), nearly reached, with a uniform's variance: Keras's way."""
    torch.manual_seed(0)
    for layer in convolutions(networks.create("paper_unet")):
        bound = math.sqrt(6 / (9 * layer.in_channels + 9 * layer.out_channels))
        largest = layer.weight.abs().max().item()
        assert 0.95 * bound < largest <= bound * (1 + 1e-6)
        assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.1)
        assert layer.bias is not None and not layer.bias.any()


def traced(network):
    return torch.jit.trace(network, torch.rand(1, 3, 32, 32))


@pytest.mark.filterwarnings("ignore:.torch.jit.trace:DeprecationWarning")
@pytest.mark.parametrize("exported", [torch.jit.script, traced])
def test_it_can_be_scripted_and_traced(exported):
    """MONAI's ckpt_export scripts a network; the outputs are equal, also of another size and batch."""
    network = networks.create("paper_unet").eval()
    image = torch.rand(2, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(exported(network)(image), network(image), atol=1e-5, rtol=0)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_upsampling_and_convolution_at_once_equal_the_two_layers_of_torch(memory_format):
    """In double precision, for an image that is not square: outputs, and gradients as autograd finds them."""
    torch.manual_seed(1)
    module = sys.modules[type(networks.create("paper_unet")).__module__]
    layer = nn.Conv2d(3, 5, 3, padding=1, dtype=torch.float64)
    image = torch.randn(2, 3, 4, 6, dtype=torch.float64).contiguous(memory_format=memory_format)
    image.requires_grad_()
    twice = nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), layer)(image)
    once = module.upsample_and_convolve(image, layer.weight, layer.bias)
    torch.testing.assert_close(once, twice)
    assert once.is_contiguous(memory_format=memory_format)

    inputs = (image, layer.weight, layer.bias)
    weights = torch.randn_like(twice)  # of each output in a sum that is differentiated
    found = torch.autograd.grad((once * weights).sum(), inputs)
    for gradient, truth in zip(found, torch.autograd.grad((twice * weights).sum(), inputs), strict=True):
        torch.testing.assert_close(gradient, truth)


def test_the_network_is_the_same_whether_its_layers_are_watched_or_not(network):
    """Hooks see the layers of the paper, one after the other; without hooks two of them are one product."""
    torch.manual_seed(2)
    image = torch.rand(1, 3, 32, 48)
    with torch.no_grad():
        alone = network(image)
        assert len(met_by_an_image(network, image)) == 22
        hooks = [layer.register_forward_hook(lambda *_: None) for layer in convolutions(network)]
        watched = network(image)
    for hook in hooks:
        hook.remove()
    torch.testing.assert_close(alone, watched, atol=1e-6, rtol=0)
