"""CheXNet: a DenseNet-121 with one logit per finding."""

from __future__ import annotations

from monai.networks.nets.densenet import DenseNet121
from torch import nn

from cxrtk import networks

SMALLEST = 32  # pixels; five pooling layers reduce them to one


@networks.register("chexnet")
def chexnet(in_channels: int = 1, out_channels: int = 14, dropout: float = 0.0) -> nn.Module:
    """Create a network: (B, in, H, W) image -> (B, out) logits, one per finding; H and W are at least 32.

    It is MONAI's DenseNet-121 (Huang et al., CVPR 2017) with global average pooling and one linear layer, as
    in Rajpurkar et al., CheXNet, 2017 (arXiv:1711.05225). Their network was initialised with ImageNet
    weights; this one is initialised randomly, since nothing is downloaded.

    Args:
        in_channels: Number of channels of the image.
        out_channels: Number of logits; 14 for the findings of NIH ChestX-ray14.
        dropout: Dropout probability of a feature after each dense layer.
    """
    network: nn.Module = DenseNet121(
        spatial_dims=2, in_channels=in_channels, out_channels=out_channels, dropout_prob=dropout
    )
    return network
