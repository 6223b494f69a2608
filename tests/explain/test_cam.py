"""Class activation maps, against the equation written out, MONAI's CAM and the logits themselves."""

import numpy as np
import pytest
import torch
from monai.networks.nets import BasicUNet, DenseNet121, UNet
from monai.visualize.class_activation_maps import CAM
from scipy.signal import correlate2d
from torch import nn

from cxrtk import networks
from cxrtk.explain.cam import class_activation_map, last_features
from cxrtk.explain.head import find_head
from tests.explain.known import BIASES, WEIGHTS, features_of


def test_a_classifier_known_by_construction(classifier, image):
    """M_c = sum_k w_ck f_k, pixel by pixel."""
    found = class_activation_map(classifier, image, find_head(classifier, image)).numpy()
    f = features_of(image.numpy())
    for number, row in enumerate(WEIGHTS):
        truth = row[0] * f[:, 0] + row[1] * f[:, 1] + row[2] * f[:, 2]
        np.testing.assert_allclose(found[:, number], truth, atol=1e-6)


def test_a_classifiers_map_adds_up_to_the_logit(classifier, image):
    """Its mean over the pixels is the logit less the bias."""
    found = class_activation_map(classifier, image, find_head(classifier, image))
    logits = classifier(image).detach() - torch.tensor(BIASES)
    torch.testing.assert_close(found.mean(dim=(2, 3)), logits, atol=1e-6, rtol=0)


def test_densenet_as_monai_has_it():
    """CheXNet's network: the map that MONAI's CAM makes before it inverts and stretches it."""
    torch.manual_seed(0)
    network = DenseNet121(2, 3, 14).eval()
    x = torch.randn(2, 3, 96, 96)
    found = class_activation_map(network, x, find_head(network, x))
    theirs = CAM(network, target_layers="class_layers.relu", fc_layers="class_layers.out")
    assert found.shape == (2, 14, 3, 3)
    for number in (0, 13):
        expected = theirs.compute_map(x, class_idx=torch.full((2,), number))
        torch.testing.assert_close(found[:, [number]], expected, atol=1e-5, rtol=1e-4)


def test_a_1x1_head_known_by_construction(segmenter, image):
    """The same equation; here each pixel is a logit less the bias."""
    found = class_activation_map(segmenter, image, find_head(segmenter, image)).numpy()
    truth = np.einsum("ck,bkhw->bchw", np.array(WEIGHTS), features_of(image.numpy()))
    np.testing.assert_allclose(found, truth, atol=1e-6)
    logits = segmenter(image).detach().numpy()
    np.testing.assert_allclose(found + np.array(BIASES)[:, None, None], logits, atol=1e-6)


def test_a_3x3_head_tap_by_tap():
    """The paper's network: sum_k sum_uv w_ckuv f_k(x + u, y + v), by scipy."""
    torch.manual_seed(0)
    network = networks.create("paper_unet").eval()
    x = torch.randn(1, 3, 32, 48)
    head = find_head(network, x)
    found = class_activation_map(network, x, head)[0, 0].numpy()
    f = last_features(network, x, head)[0].numpy()
    weight = network.last.weight.detach().numpy()[0]
    truth = sum(correlate2d(each, taps, mode="same") for each, taps in zip(f, weight, strict=True))
    np.testing.assert_allclose(found, truth, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "bias"),
    [
        pytest.param(lambda: networks.create("paper_unet", in_channels=1), "last.bias", id="3x3"),
        pytest.param(lambda: BasicUNet(2, 1, 3), "final_conv.bias", id="1x1"),
        pytest.param(
            lambda: UNet(2, 1, 3, (4, 8, 16), (2, 2), num_res_units=2),
            "model.2.1.conv.unit0.conv.bias",
            id="residual 3x3",
        ),
        pytest.param(lambda: UNet(2, 1, 3, (4, 8), (2,)), "model.2.conv.bias", id="transposed"),
    ],
)
def test_segmentation_heads_by_their_logits(network, bias):
    """M = logit - bias, with a bias that is not 0."""
    torch.manual_seed(0)
    made = network().eval()
    known = dict(made.named_parameters())[bias]
    known.data += torch.linspace(1.0, 2.0, len(known))
    x = torch.randn(2, 1, 32, 32)
    found = class_activation_map(made, x, find_head(made, x))
    with torch.no_grad():
        expected = made(x) - known[:, None, None]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_features_as_the_head_saw_them(image):
    """What a network does to them in place afterwards does not count."""

    class Wiping(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.linear = nn.Conv2d(1, 3, 3, padding=1), nn.Linear(3, 2)

        def forward(self, x):
            maps = self.conv(x)
            pooled = maps.mean(dim=(2, 3))
            maps.mul_(0.0)
            return self.linear(pooled)

    torch.manual_seed(0)
    network = Wiping().eval()
    with torch.no_grad():
        found = last_features(network, image, find_head(network, image))
        torch.testing.assert_close(found, network.conv(image))


def test_nothing_stays_on_the_network(classifier, image):
    """No hook is left behind."""
    class_activation_map(classifier, image, find_head(classifier, image))
    assert [len(module._forward_hooks) for module in classifier.modules()] == [0] * 7
