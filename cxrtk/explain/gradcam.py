r"""Grad-CAM at any layer, by MONAI.

Selvaraju et al., Grad-CAM, ICCV 2017: with f the maps of a layer and y a number,
:math:`M = \mathrm{ReLU}(\sum_k a_k f_k)`, :math:`a_k` the mean over the pixels of
:math:`\partial y / \partial f_k`. For a classifier y is the logit of a class. For a segmentation network it
is the sum of a class's logits over a set of pixels (Vinogradova et al., Towards Interpretable Semantic
Segmentation via Gradient-weighted Class Activation Mapping, AAAI 2020); here over those that the network
gives to the class, where the logit is above 0. The sum over all pixels would say little: behind an instance
norm, the mean of a map over all its pixels is fixed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from monai.visualize.class_activation_maps import GradCAM
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.explain.layers import map_sizes, named_layer


class GradCam:
    """Grad-CAM of a network at one layer.

    It works on a copy of the network: MONAI's `GradCAM` leaves hooks and settings behind.

    Args:
        network: Gives (B, C, H, W) or (B, C) logits.
        layer: Name of a module that gives (B, K, h, w) maps.

    Raises:
        ConfigError: There is no such module.
    """

    def __init__(self, network: nn.Module, layer: str) -> None:
        named_layer(network, layer)
        self._network = copy.deepcopy(network).eval().requires_grad_(True)
        for module in self._network.modules():
            if getattr(module, "inplace", False):
                setattr(module, "inplace", False)  # noqa: B010 - what is changed in place has no gradient of its own
        self._cam = GradCAM(
            _OwnPixels(self._network), f"network.{layer}", upsampler=_as_it_is, postprocessing=_unchanged
        )
        self.layer = layer

    def check(self, x: torch.Tensor) -> None:
        """Whether the layer gives maps of (B, in, H, W) images.

        Raises:
            ConfigError: It does not.
        """
        if self.layer not in map_sizes(self._network, x):
            raise ConfigError(f"Layer {self.layer!r} gives no (B, K, h, w) maps; name another by --layer.")

    def __call__(self, x: torch.Tensor, classes: Sequence[int]) -> torch.Tensor:
        """(B, in, H, W) -> (B, len(classes), h, w), 0 or more: how much the layer speaks for a class.

        A map is all 0 where nothing in the layer speaks for the class, and where no pixel belongs to it.
        """
        with torch.enable_grad():
            x = x.detach().clone().requires_grad_(True)  # or the first layer would have no gradient
            maps = [self._cam.compute_map(x, class_idx=number).detach() for number in classes]
        return torch.cat(maps, dim=1)


class _OwnPixels(nn.Module):
    """The logits of a network; in a segmentation, those below 0 count as 0 and have no gradient."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(x)
        return logits if logits.ndim == 2 else logits.clamp(min=0.0)


def _as_it_is(size: Sequence[int]) -> Any:
    return _unchanged


def _unchanged(maps: torch.Tensor) -> torch.Tensor:
    return maps
