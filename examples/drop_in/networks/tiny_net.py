"""Two convolutions: the smallest network that learns anything."""

from torch import nn

from cxrtk import networks


@networks.register("tiny_net")
def tiny_net(in_channels: int = 3, out_channels: int = 1, width: int = 8) -> nn.Module:
    """(B, in, H, W) image in [0, 1] -> (B, out, H, W) logits."""
    return nn.Sequential(
        nn.Conv2d(in_channels, width, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(width, out_channels, 1),
    )
