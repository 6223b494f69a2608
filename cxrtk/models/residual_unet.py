"""MONAI's residual U-Net for inference, without importing MONAI, which takes seconds.

The modules have MONAI's names, so that weights, hooks and exported programs are interchangeable, and compute
the same operations in the same order: outputs are equal bit by bit (tested). Only the settings of `NAMES` are
supported, with MONAI's defaults for all others; see `supports`.

Source: `monai.networks.nets.UNet` with `num_res_units`; Kerfoot et al., "Left-Ventricle Quantification Using
Residual U-Net", STACOM 2018.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

TARGET = "monai.networks.nets.UNet"
NAMES = {"spatial_dims", "in_channels", "out_channels", "channels", "strides", "num_res_units"}
MARKS = {"_target_", "_mode_", "_desc_"}


def supports(definition: Mapping[str, Any]) -> bool:
    """Return whether a definition describes a residual U-Net that `ResidualUNet` reproduces."""
    return (
        definition.get("_target_") == TARGET
        and NAMES | {"_target_"} <= set(definition) <= NAMES | MARKS
        and definition["spatial_dims"] == 2
        and definition["num_res_units"] > 0
        and all(stride == 2 for stride in definition["strides"])
        and len(definition["strides"]) == len(definition["channels"]) - 1 > 0
    )


class ResidualUNet(nn.Module):
    """A U-Net of residual units: (B, in_channels, H, W) -> (B, out_channels, H, W) logits.

    Args:
        in_channels: Channels of the image.
        out_channels: Channels of the logits.
        channels: Channels of each level, from the finest; H and W are halved between two levels.
        num_res_units: Convolutions of each residual unit on the way down.
    """

    def __init__(
        self, in_channels: int, out_channels: int, channels: Sequence[int], num_res_units: int
    ) -> None:
        super().__init__()
        self.model = _level(in_channels, out_channels, list(channels), num_res_units, finest=True)

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> ResidualUNet:
        """Build the network of a definition that `supports` accepts."""
        names = ("in_channels", "out_channels", "channels", "num_res_units")
        return cls(**{name: definition[name] for name in names})

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Compute the logits of a batch of images."""
        logits: torch.Tensor = self.model(image)
        return logits


def _level(inputs: int, outputs: int, channels: list[int], units: int, *, finest: bool) -> nn.Sequential:
    """Build one level: the way down, the levels below with a skip connection, and the way up."""
    here = channels[0]
    if len(channels) > 2:
        below: nn.Module = _level(here, here, channels[1:], units, finest=False)
        from_below = here
    else:
        below = ResidualUnit(here, channels[1], 1, units)
        from_below = channels[1]
    down = ResidualUnit(inputs, here, 2, units)
    up = nn.Sequential(
        Convolution(here + from_below, outputs, 2, transposed=True),
        ResidualUnit(outputs, outputs, 1, 1, last_plain=finest),
    )
    return nn.Sequential(down, Beside(below), up)


class Beside(nn.Module):
    """Concatenate the input of a module and its output along the channels."""

    def __init__(self, submodule: nn.Module) -> None:
        super().__init__()
        self.submodule = submodule

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Map (B, C, H, W) to (B, C + channels of the output, H, W)."""
        return torch.cat([features, self.submodule(features)], dim=1)


class ResidualUnit(nn.Module):
    """Several convolutions plus a convolution of the input; the first one may halve H and W.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        stride: 1, or 2 to halve H and W.
        units: Number of convolutions.
        last_plain: Leave out normalisation and activation after the last one.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, units: int, last_plain: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential()
        for number in range(units):
            first, last = number == 0, number == units - 1
            unit = Convolution(
                inputs if first else outputs, outputs, stride if first else 1, plain=last_plain and last
            )
            self.conv.add_module(f"unit{number}", unit)
        self.residual: nn.Module = nn.Identity()
        if stride != 1:
            self.residual = nn.Conv2d(inputs, outputs, 3, stride, 1)
        elif inputs != outputs:
            self.residual = nn.Conv2d(inputs, outputs, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Map (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        residual: torch.Tensor = self.residual(features)
        convolved: torch.Tensor = self.conv(features)
        return convolved + residual


class Convolution(nn.Sequential):
    """A 3 x 3 convolution, then instance normalisation and PReLU.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        stride: 1; or 2 to halve H and W, or to double them if `transposed`.
        transposed: Use a transposed convolution.
        plain: Use the convolution alone.
    """

    def __init__(
        self, inputs: int, outputs: int, stride: int, *, transposed: bool = False, plain: bool = False
    ) -> None:
        super().__init__()
        self.conv: nn.Module
        if transposed:
            self.conv = nn.ConvTranspose2d(inputs, outputs, 3, stride, 1, output_padding=stride - 1)
        else:
            self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1)
        if not plain:
            self.adn = nn.Sequential(OrderedDict(N=nn.InstanceNorm2d(outputs), A=nn.PReLU()))
