"""One question to a network, by either method."""

import pytest
import torch
from monai.networks.nets import UNet
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.explain.cam import class_activation_map
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.gradcam import GradCam
from cxrtk.explain.head import find_head


@pytest.fixture
def unet():
    torch.manual_seed(0)
    return UNet(2, 1, 3, (4, 8, 16), (2, 2), num_res_units=1).eval()


@pytest.fixture
def x():
    return torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(2))


def test_cam(unet, x):
    """All classes, in the order of the network."""
    found = Explainer(unet, x)
    assert (found.layer, found.classes) == ("model.2.1", (0, 1, 2))
    assert torch.equal(found(x), class_activation_map(unet, x, find_head(unet, x)))


def test_grad_cam(unet, x):
    """At the deepest layer, unless another is named."""
    found = Explainer(unet, x, method="grad-cam")
    assert found.layer == "model.1.submodule.1" and found(x).shape == (2, 3, 8, 8)
    other = Explainer(unet, x, method="grad-cam", layer="model.0", classes=[1])
    assert torch.equal(other(x), GradCam(unet, "model.0")(x, [1]))


@pytest.mark.parametrize("method", ["cam", "grad-cam"])
def test_some_classes(unet, x, method):
    """In the order asked for."""
    every = Explainer(unet, x, method=method)(x)
    some = Explainer(unet, x, method=method, classes=[2, 0])
    assert torch.equal(some(x), every[:, [2, 0]])


@pytest.mark.parametrize("method", ["cam", "grad-cam"])
def test_the_same_question_to_another_network(unet, x, method):
    """Its maps are those of an explainer of its own; the first one's do not change."""
    torch.manual_seed(1)
    other = UNet(2, 1, 3, (4, 8, 16), (2, 2), num_res_units=1)
    first = Explainer(unet, x, method=method)
    before = first(x)
    assert torch.equal(first.of(other)(x), Explainer(other, x, method=method)(x))
    assert torch.equal(first(x), before) and not torch.equal(first.of(other)(x), before)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"method": "lime"}, "No method 'lime'; available: cam, grad-cam"),
        ({"classes": [3]}, "outputs 0 to 2, not"),
        ({"classes": [-1]}, "outputs 0 to 2, not"),
        ({"layer": "model.9"}, "no layer 'model.9'"),
        ({"layer": "model.0"}, "not a linear function of layer 'model.0'"),
        ({"method": "grad-cam", "layer": "model.9"}, "no layer 'model.9'"),
    ],
)
def test_what_cannot_be_explained(unet, x, settings, said):
    """One line, before any map is made."""
    with pytest.raises(ConfigError, match=said) as error:
        Explainer(unet, x, **settings)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("method", ["cam", "grad-cam"])
def test_a_network_of_another_kind(x, method):
    """One that gives several outputs, as networks with deep supervision do."""

    class Several(nn.Module):
        def forward(self, x):
            return [x, x]

    with pytest.raises(ConfigError, match="Only a network that gives"):
        Explainer(Several(), x, method=method)


def test_a_layer_without_maps(classifier, image):
    """Is refused at once, not at the first image."""
    with pytest.raises(ConfigError, match="'2' gives no"):
        Explainer(classifier, image, method="grad-cam", layer="2")


def test_dropout_is_off(x):
    """The network is put into evaluation mode: twice the same map."""
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Dropout(0.5), nn.Conv2d(4, 1, 1)).train()
    explain = Explainer(network, x)
    assert not network.training and torch.equal(explain(x), explain(x))
