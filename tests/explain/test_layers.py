"""Layers by name and by the size of their maps."""

import pytest
import torch
from monai.networks.nets import DenseNet121, UNet
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.explain.layers import deepest_layer, map_sizes, named_layer, watched


@pytest.fixture
def small():
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )


def test_the_deepest_layer_of_a_unet():
    """MONAI's UNet: where what enters the bottom and what leaves it lie side by side, 8 + 16 channels."""
    network = UNet(2, 1, 1, (4, 8, 16), (2, 2), num_res_units=1).eval()
    found = []
    layer = dict(network.named_modules())[deepest_layer(network, 1, 32)]
    layer.register_forward_hook(lambda module, inputs, output: found.append(output.shape))
    network(torch.zeros(1, 1, 32, 32))
    assert found == [(1, 24, 8, 8)]


def test_the_deepest_layer_of_a_classifier():
    """Not what was pooled to one pixel, where more are asked for: DenseNet's last ReLU."""
    assert deepest_layer(DenseNet121(2, 1, 2).eval(), 1, 64, at_least=2) == "class_layers.relu"


@pytest.mark.parametrize(("at_least", "name"), [(1, "2"), (2, "1"), (64, "1")])
def test_as_many_pixels_as_asked_for(small, at_least, name):
    """8 x 8 maps behind the convolution, then one pixel."""
    assert deepest_layer(small, 1, 16, at_least=at_least) == name


def test_no_layer_is_deep():
    """All maps are as large as the image."""
    with pytest.raises(ConfigError, match="no layer whose maps are smaller"):
        deepest_layer(nn.Sequential(nn.Conv2d(1, 2, 3, padding=1)), 1, 16)


def test_sizes_of_maps(small):
    """In the order in which they end; what gives no maps is left out."""
    found = map_sizes(small, torch.zeros(1, 1, 16, 16))
    assert list(found.items()) == [("0", 64), ("1", 64), ("2", 1)]


def test_a_layer_that_is_run_twice():
    """Counts where it ends last."""

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool, self.conv = nn.MaxPool2d(2), nn.Conv2d(1, 1, 1)

        def forward(self, x):
            return self.pool(self.conv(self.pool(x)))

    assert list(map_sizes(Twice(), torch.zeros(1, 1, 16, 16)).items()) == [("conv", 64), ("pool", 16)]


def test_a_layer_by_name():
    """The module itself; a nested one by its path."""
    network = UNet(2, 1, 1, (4, 8), (2,))
    assert named_layer(network, "model.0.conv") is network.model[0].conv


@pytest.mark.parametrize("name", ["class_layers.rely", ""])
def test_an_unknown_layer_is_one_short_line(name):
    """Even of a network with hundreds of them; the nearest is named."""
    with pytest.raises(ConfigError, match=f"no layer '{name}'") as said:
        named_layer(DenseNet121(2, 1, 2), name)
    assert len(str(said.value)) < 400 and "\n" not in str(said.value)
    assert ("Did you mean 'class_layers.relu'?" in str(said.value)) is bool(name)


def test_watching_ends(small):
    """Also when the network fails."""
    with pytest.raises(RuntimeError), watched(small, lambda *_: None):
        small(torch.zeros(1, 5, 16, 16))
    assert not any(module._forward_hooks for module in small.modules())
