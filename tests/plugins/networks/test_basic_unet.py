"""MONAI's BasicUNet, by its name."""

import torch
from monai.networks.nets import BasicUNet

from cxrtk import networks


def test_it_is_monais_network(capsys):
    """Same seed, same logits as MONAI's own in 2-D with its default features; it prints nothing."""
    torch.manual_seed(0)
    ours = networks.create("basic_unet", in_channels=3, out_channels=1).eval()
    assert capsys.readouterr().out == ""
    torch.manual_seed(0)
    monais = BasicUNet(spatial_dims=2, in_channels=3, out_channels=1).eval()
    image = torch.rand(1, 3, 48, 64)
    with torch.no_grad():
        torch.testing.assert_close(ours(image), monais(image), rtol=0, atol=0)


def test_channels_are_those_asked_for():
    """One grey channel in, two logits out."""
    network = networks.create("basic_unet", in_channels=1, out_channels=2).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 1, 32, 32)).shape == (1, 2, 32, 32)
