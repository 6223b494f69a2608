"""CheXNet, by its name."""

import torch
from monai.networks.nets import DenseNet121

from cxrtk import networks


def test_it_is_monais_densenet():
    """Same seed, same logits as MONAI's own in 2-D."""
    torch.manual_seed(0)
    ours = networks.create("chexnet", in_channels=3).eval()
    torch.manual_seed(0)
    monais = DenseNet121(spatial_dims=2, in_channels=3, out_channels=14).eval()
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(ours(image), monais(image), rtol=0, atol=0)


def test_it_has_as_many_parameters_as_the_published_network():
    """DenseNet-121 for ImageNet, 3 channels and 1000 classes, has 7,978,856 (Huang et al.; torchvision)."""
    network = networks.create("chexnet", in_channels=3, out_channels=1000)
    assert sum(parameter.numel() for parameter in network.parameters()) == 7_978_856
