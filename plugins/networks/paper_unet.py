"""The U-Net of Sarada & Thirupathi Rao (2019): 22 convolutions, 5,469,473 parameters for RGB input."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from cxrtk import networks

DIVISOR = 16  # four pooling layers halve height and width

# For each phase, the rows (or columns) of the 3x3 kernel that fall on each of two rows of the small image:
# (phase, row of the small image, row of the kernel). TAPS combines both: (9 weights, 4 phases x 2 x 2).
_ROWS = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
TAPS = torch.einsum("aru,bsv->uvabrs", _ROWS, _ROWS).reshape(9, 16)


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
        if torch.jit.is_scripting() or torch.jit.is_tracing() or torch.compiler.is_compiling():
            x = self.before(self.upsample(x))  # an exported graph keeps the layers of the paper
        else:
            x = self.upsampled(x)
        joined: torch.Tensor = self.after(torch.cat([skip, x], dim=1))
        return joined

    @torch.jit.unused
    def upsampled(self, x: torch.Tensor) -> torch.Tensor:
        """Return `before(upsample(x))` within rounding, by 4/9 of the products in its first convolution."""
        first, *others = self.before
        if type(first) is not nn.Conv2d or first._forward_hooks or first._forward_pre_hooks:
            found: torch.Tensor = self.before(self.upsample(x))  # hooks see the layers of the paper
            return found
        assert first.bias is not None
        x = upsample_and_convolve(x, first.weight, first.bias)
        for layer in others:
            x = layer(x)
        return x


def upsample_and_convolve(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Upsample by 2 (nearest) and convolve 3x3, zero-padded, in one convolution of the small image.

    Each output pixel of one of four phases (even or odd row, even or odd column) sees 2 x 2 pixels of the
    small image only: two of the three rows of the kernel, and two of its columns, fall on the same pixel, and
    their weights are added (the sub-pixel convolution of Shi et al., 2016, read backwards).

    Args:
        x: (B, in, H, W).
        weight: (out, in, 3, 3).
        bias: (out,).

    Returns:
        (B, out, 2H, 2W).
    """
    out_channels, in_channels = weight.shape[:2]
    with torch.autocast(weight.device.type, enabled=False):  # weights are added in their own precision
        sums = weight.reshape(-1, 9) @ TAPS.to(weight)
    kernels = sums.reshape(out_channels, in_channels, 4, 2, 2).permute(2, 0, 1, 3, 4)
    phases = F.conv2d(x, kernels.reshape(-1, in_channels, 2, 2), bias.repeat(4), padding=1)
    found: torch.Tensor = Interleave.apply(phases)  # type: ignore[no-untyped-call]
    return found


class Interleave(torch.autograd.Function):
    """Put the four phases of (B, 4 x C, H + 1, W + 1) into one (B, C, 2H, 2W), in the input's memory format.

    Phase (row, column) begins at that row and column of the input. The gradient is written by hand, since
    autograd would copy the whole output once more for each assignment to a part of it.
    """

    @staticmethod
    def forward(ctx: Any, phases: torch.Tensor) -> torch.Tensor:
        """Put the phases in their places."""
        batch, channels, height, width = phases.shape
        size = (batch, channels // 4, 2 * height - 2, 2 * width - 2)
        found = phases.new_empty(size).contiguous(memory_format=memory_format(phases))
        for row, column, part in in_phases(phases):
            found[:, :, row::2, column::2] = part
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        """Return the gradient of each phase; zero in the row and column that a phase does not use."""
        (gradient,) = gradients
        batch, channels, height, width = gradient.shape
        size = (batch, 4 * channels, height // 2 + 1, width // 2 + 1)
        found = gradient.new_zeros(size).contiguous(memory_format=memory_format(gradient))
        for row, column, part in in_phases(found):
            part.copy_(gradient[:, :, row::2, column::2])
        return found


def in_phases(phases: torch.Tensor) -> list[tuple[int, int, torch.Tensor]]:
    """List row, column and (B, C, H, W) part of the four phases of a (B, 4 x C, H + 1, W + 1) tensor."""
    height, width = phases.shape[2] - 1, phases.shape[3] - 1
    parts = phases.chunk(4, dim=1)
    return [
        (row, column, parts[2 * row + column][:, :, row : row + height, column : column + width])
        for row in (0, 1)
        for column in (0, 1)
    ]


def memory_format(x: torch.Tensor) -> torch.memory_format:
    """Return the memory format, channels-last or contiguous."""
    last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if last else torch.contiguous_format


class PaperUNet(nn.Module):
    """The network of the paper, with logits instead of a final sigmoid.

    Args:
        in_channels: Number of channels of the image; 3 in the paper (the grey image repeated). With 1 the
            network has 5,468,897 parameters.
        out_channels: Number of logits per pixel; 1 in the paper.
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
        if not torch.jit.is_scripting():  # TorchScript knows no module constants
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

    A network that is traced or exported has no fixed size yet, and is not checked. TorchScript also compiles
    this function, and supports neither globals nor the unpacking of a shape.
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
    """Create the network: (B, in, H, W) image -> (B, out, H, W) logits; H and W are multiples of 16."""
    return PaperUNet(in_channels, out_channels)
