"""A network of two wide convolutions, installed by pip."""

from torch import nn

from cxrtk import networks


@networks.register("acme_net")
def acme_net(in_channels: int = 3, out_channels: int = 1, width: int = 32) -> nn.Module:
    """(B, in, H, W) image in [0, 1] -> (B, out, H, W) logits."""
    return nn.Sequential(
        nn.Conv2d(in_channels, width, 7, padding=3),
        nn.ReLU(),
        nn.Conv2d(width, out_channels, 1),
    )
