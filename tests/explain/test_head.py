"""Where a network makes its logits: found by numbers, or refused."""

import pytest
import torch
from monai.networks.nets import BasicUNet, DenseNet121, UNet
from torch import nn

from cxrtk import networks
from cxrtk.errors import ConfigError
from cxrtk.explain.head import Head, describe, find_head, is_linear


@pytest.fixture(autouse=True)
def weights():
    torch.manual_seed(0)


def found(network, channels=1, linear="", size=32):
    with torch.no_grad():
        return find_head(network.eval(), torch.randn(2, channels, size, size), linear)


@pytest.mark.parametrize(
    ("network", "channels", "head"),
    [
        (
            lambda: networks.create("paper_unet"),
            3,
            Head("segmentation", "last", about="Conv2d 64 -> 1, 3x3"),
        ),
        (
            lambda: BasicUNet(2, 1, 4),
            1,
            Head("segmentation", "final_conv", about="Conv2d 32 -> 4, 1x1"),
        ),
        (
            lambda: UNet(2, 1, 4, (4, 8), (2,), num_res_units=1),
            1,
            Head("segmentation", "model.2.1", about="ResidualUnit: Conv2d 4 -> 4, 3x3"),
        ),
        (
            lambda: UNet(2, 1, 4, (4, 8), (2,)),
            1,
            Head("segmentation", "model.2.conv", about="ConvTranspose2d 12 -> 4, 3x3"),
        ),
        (
            lambda: DenseNet121(2, 3, 14),
            3,
            Head("classification", "class_layers.out", "class_layers.relu", "Linear 1024 -> 14"),
        ),
    ],
)
def test_known_networks(network, channels, head):
    """What the source of each network says; of 64 pixels, DenseNet leaves 2 x 2."""
    assert found(network(), channels, size=64) == head


def test_the_linear_layer_may_be_named(segmenter, image):
    """Then it is that one, or none."""
    assert find_head(segmenter, image, "1").linear == "1"
    with pytest.raises(ConfigError, match="not a linear function of layer '0' of any feature maps"):
        find_head(segmenter, image, "0")


def flattened(*layers):
    return nn.Sequential(nn.Conv2d(1, 4, 3), *layers)


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(
            lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 1, 1), nn.Sigmoid()), id="sigmoid"
        ),
        pytest.param(
            lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 1, 1), nn.ReLU(inplace=True)),
            id="changed in place behind the convolution",
        ),
        pytest.param(lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.InstanceNorm2d(4)), id="norm"),
        pytest.param(
            lambda: flattened(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 2)), id="max pooling"
        ),
        pytest.param(
            lambda: flattened(
                nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)
            ),
            id="two layers",
        ),
        pytest.param(lambda: flattened(nn.Flatten(), nn.Linear(4 * 30 * 30, 2)), id="no pooling"),
    ],
)
def test_a_head_that_is_not_linear_is_refused(network):
    """In one line, with what to do instead."""
    with pytest.raises(
        ConfigError, match=r"no class activation map; use Grad-CAM \(--method grad-cam\)"
    ) as said:
        found(network())
    assert "\n" not in str(said.value)


def test_a_network_without_logits_is_refused():
    """One that gives something other than (B, C) or (B, C, H, W)."""
    with pytest.raises(ConfigError, match="needs a network that gives"):
        found(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(2)))


@pytest.mark.parametrize(
    ("module", "linear"),
    [
        (lambda: nn.Conv2d(3, 2, 3, padding=1), True),
        (lambda: nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 3)), True),
        (lambda: nn.ConvTranspose2d(3, 2, 2, stride=2), True),
        (lambda: nn.Identity(), False),  # makes no logits
        (lambda: nn.Sequential(nn.Conv2d(3, 2, 1), nn.LeakyReLU(0.9)), False),
        (lambda: nn.Sequential(nn.Conv2d(3, 2, 1), nn.Softmax(dim=1)), False),
    ],
)
def test_linear_by_numbers(module, linear):
    """Whatever its class is called."""
    with torch.no_grad():
        assert is_linear(module().eval(), torch.zeros(1, 3, 8, 8)) is linear


def test_what_it_is_made_of():
    """Sizes of kernels, and names of what stands around."""
    assert describe(nn.Linear(7, 3)) == "Linear 7 -> 3"
    parts = nn.Sequential(nn.Conv2d(8, 4, 3), nn.Conv2d(4, 2, (1, 5)))
    assert describe(parts) == "Sequential: Conv2d 8 -> 4, 3x3; Conv2d 4 -> 2, 1x5"
