"""Two-dimensional BasicUNet of MONAI."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO

from monai.networks.nets.basic_unet import BasicUNet
from torch import nn

from cxrtk import networks

SMALLEST = 32  # pixels; four pooling layers reduce them to two, which the normalisation needs


@networks.register("basic_unet")
def basic_unet(
    in_channels: int = 3,
    out_channels: int = 1,
    features: tuple[int, int, int, int, int, int] = (32, 32, 64, 128, 256, 32),
    dropout: float = 0.0,
) -> nn.Module:
    """Create a network: (B, in, H, W) image -> (B, out, H, W) logits; H and W are at least 32.

    Args:
        in_channels: Number of channels of the image.
        out_channels: Number of logits per pixel.
        features: Numbers of channels of the five encoder levels and of the last decoder level.
        dropout: Dropout probability of a channel.
    """
    with redirect_stdout(StringIO()):  # the constructor prints its features
        return BasicUNet(
            spatial_dims=2,
            in_channels=in_channels,
            out_channels=out_channels,
            features=features,
            dropout=dropout,
        )
