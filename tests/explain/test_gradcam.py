"""Grad-CAM, against gradients written out by hand."""

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet
from torch import nn

from cxrtk import networks
from cxrtk.errors import ConfigError
from cxrtk.explain.gradcam import GradCam
from tests.explain.known import BIASES, WEIGHTS, features, features_of


def test_a_classifier_by_hand(classifier, image):
    """dy/df_k = w_ck / HW at every pixel, so that M = ReLU(sum_k w_ck f_k) / HW."""
    found = GradCam(classifier, "0")(image, [0, 1]).numpy()
    cam = np.einsum("ck,bkhw->bchw", np.array(WEIGHTS), features_of(image.numpy()))
    np.testing.assert_allclose(found, np.maximum(cam, 0) / 30, atol=1e-6)


def test_a_head_that_is_not_linear(image):
    """Y = sum_k v_k mean(f_k)^2: dy/df_k = 2 v_k mean(f_k) / HW."""

    class Squares(nn.Module):
        def __init__(self, maps):
            super().__init__()
            self.maps = maps

        def forward(self, x):
            means = self.maps(x).mean(dim=(2, 3))
            return (means**2 * torch.tensor([1.0, -2.0, 3.0])).sum(dim=1, keepdim=True)

    f = features_of(image.numpy())
    slopes = 2 * np.array([1.0, -2.0, 3.0]) * f.mean(axis=(2, 3)) / 30  # (B, 3)
    truth = np.maximum(np.einsum("bk,bkhw->bhw", slopes, f), 0)
    found = GradCam(Squares(features()), "maps")(image, [0])[:, 0].numpy()
    np.testing.assert_allclose(found, truth, atol=1e-6)


def test_a_segmentation_by_hand(segmenter, image):
    """Of the pixels P of a class alone: dy/df_k = w_ck in P and 0 elsewhere, so that a_k = w_ck |P| / HW."""
    found = GradCam(segmenter, "0")(image, [0, 1]).numpy()
    cam = np.einsum("ck,bkhw->bchw", np.array(WEIGHTS), features_of(image.numpy()))
    own = (cam + np.array(BIASES)[:, None, None] > 0).mean(axis=(2, 3), keepdims=True)
    assert own.min() > 0 and own.max() < 1
    np.testing.assert_allclose(found, np.maximum(cam, 0) * own, atol=1e-6)


def test_the_bottom_of_a_unet_by_autograd():
    """The definition in four lines of torch, class by class."""
    torch.manual_seed(0)
    network = UNet(2, 1, 3, (4, 8, 16), (2, 2), num_res_units=1).eval()
    layer, x = "model.1.submodule.1", torch.randn(1, 1, 32, 32)
    kept = []
    hook = network.get_submodule(layer).register_forward_hook(lambda _, __, output: kept.append(output))
    found = GradCam(network, layer)(x, [2, 0])
    for place, number in enumerate((2, 0)):
        kept.clear()
        logits = network(x)[0, number]
        (slopes,) = torch.autograd.grad(logits[logits > 0].sum(), kept[0])
        truth = (slopes.mean(dim=(2, 3), keepdim=True) * kept[0]).sum(dim=1).clamp(min=0).detach()
        assert truth.max() > 0
        torch.testing.assert_close(found[:, place], truth, atol=1e-5, rtol=1e-4)
    hook.remove()


def test_a_class_without_pixels(segmenter, image):
    """Nothing speaks for it."""
    segmenter[1].bias.data[1] = -1e3
    found = GradCam(segmenter, "0")(image, [0, 1])
    assert found[:, 0].max() > 0 and found[:, 1].abs().max() == 0


def test_the_network_is_left_as_it_was():
    """Its in-place layers, gradients and hooks; the paper's network has layers that work in place."""
    network = networks.create("paper_unet", in_channels=1).eval().requires_grad_(False)
    GradCam(network, "bottom")(torch.randn(1, 1, 32, 32), [0])
    assert all(module.inplace for module in network.modules() if isinstance(module, nn.ReLU))
    assert not any(each.requires_grad or each.grad is not None for each in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


@pytest.mark.parametrize(("layer", "said"), [("3", "gives no"), ("9", "no layer '9'")])
def test_a_layer_without_maps(classifier, image, layer, said):
    """The linear layer has none; another does not exist."""
    with pytest.raises(ConfigError, match=said):
        GradCam(classifier, layer).check(image)
