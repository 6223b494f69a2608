"""The U-Net of Sarada & Thirupathi Rao (2019): 22 convolutions, 5,469,473 parameters for RGB input."""

from __future__ import annotations

import torch
from torch import nn

from cxrtk import networks

DIVISOR = 16  # four pooling layers halve height and width


class Convs(nn.Sequential):
    """A stack of `count` 3x3 convolutions that preserve height and width, each followed by ReLU."""

    def __init__(self, in_channels: int, out_channels: int, count: int) -> None:
        layers: list[nn.Module] = []
        for index in range(count):
            channels = in_channels if index == 0 else out_channels
            layers += [nn.Conv2d(channels, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
        super().__init__(*layers)


class Up(nn.Module):
    """Decoder stage: upsampling by 2, two convolutions, concatenation (skip first), one convolution."""

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")
        self.before = Convs(in_channels, out_channels, 2)
        self.after = Convs(skip_channels + out_channels, out_channels, 1)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """Map (B, in, H, W) and the skip (B, skip, 2H, 2W) to (B, out, 2H, 2W)."""
        x = self.before(self.upsample(x))
        joined: torch.Tensor = self.after(torch.cat([skip, x], dim=1))
        return joined


class PaperUNet(nn.Module):
    """The network of the paper, with logits instead of a final sigmoid.

    Args:
        in_channels: 3 in the paper (the grey image repeated); with 1 the network has 5,468,897 parameters.
        out_channels: Logits per pixel; 1 in the paper.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 1) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.down1 = Convs(in_channels, 32, 2)
        self.down2 = Convs(32, 64, 2)
        self.down3 = Convs(64, 64, 2)
        self.down4 = Convs(64, 128, 2)
        self.bottom = Convs(128, 256, 1)
        self.up4 = Up(256, 128, 256)
        self.up3 = Up(256, 64, 256)
        self.up2 = Up(256, 64, 128)
        self.up1 = Up(128, 32, 64)
        self.last = nn.Conv2d(64, out_channels, 3, padding=1)
        self.apply(glorot_uniform)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a (B, in, H, W) image to (B, out, H, W) logits.

        Raises:
            ValueError: H or W is not a multiple of 16; the message states the size to pad to.
        """
        if not torch.jit.is_scripting():  # which knows no module's constants
            check_divisible(x)
        skip1 = self.down1(x)  # (B, 32, H, W)
        skip2 = self.down2(self.pool(skip1))  # (B, 64, H/2, W/2)
        skip3 = self.down3(self.pool(skip2))  # (B, 64, H/4, W/4)
        skip4 = self.down4(self.pool(skip3))  # (B, 128, H/8, W/8)
        x = self.bottom(self.pool(skip4))  # (B, 256, H/16, W/16)
        x = self.up4(x, skip4)  # (B, 256, H/8, W/8)
        x = self.up3(x, skip3)  # (B, 256, H/4, W/4)
        x = self.up2(x, skip2)  # (B, 128, H/2, W/2)
        x = self.up1(x, skip1)  # (B, 64, H, W)
        logits: torch.Tensor = self.last(x)  # (B, out, H, W)
        return logits


def glorot_uniform(module: nn.Module) -> None:
    """Initialise a convolution as Keras does: Glorot uniform weights (Glorot & Bengio 2010) and zero bias."""
    if isinstance(module, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def check_divisible(x: torch.Tensor, divisor: int = DIVISOR) -> None:
    """Raise ValueError if the height or width of a (B, C, H, W) tensor is not a multiple of `divisor`.

    A network that is traced or exported has no fixed size yet, and is not checked. TorchScript compiles this
    too, which knows neither globals nor unpacking of a shape.
    """
    if not torch.jit.is_scripting() and (torch.jit.is_tracing() or torch.compiler.is_compiling()):
        return
    height, width = x.shape[-2], x.shape[-1]
    if height % divisor != 0 or width % divisor != 0:
        rows, columns = -(-height // divisor) * divisor, -(-width // divisor) * divisor
        raise ValueError(
            f"paper_unet: {height} x {width} is not divisible by {divisor}; pad to {rows} x {columns} "
            f'(add the transform "DivisiblePadd" with k {divisor}) or resize.'
        )


@networks.register("paper_unet")
def paper_unet(in_channels: int = 3, out_channels: int = 1) -> nn.Module:
    """(B, in, H, W) image -> (B, out, H, W) logits; H and W are multiples of 16."""
    return PaperUNet(in_channels, out_channels)
