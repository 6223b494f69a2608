r"""Grad-CAM at any layer, based on MONAI.

Selvaraju et al., Grad-CAM, ICCV 2017: with f the maps of a layer and y a scalar,
:math:`M = \mathrm{ReLU}(\sum_k a_k f_k)`, where :math:`a_k` is the mean over the pixels of
:math:`\partial y / \partial f_k`. For a classifier y is the logit of a class. For a segmentation network it
is the sum of a class's logits over a set of pixels (Vinogradova et al., Towards Interpretable Semantic
Segmentation via Gradient-weighted Class Activation Mapping, AAAI 2020). Here the set is the pixels predicted
as the class, where the logit is above 0. The sum over all pixels would carry little information: after an
instance norm, the mean of a map over all its pixels is fixed.
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

    Works on a copy of the network, because MONAI's `GradCAM` leaves hooks and settings behind.

    Args:
        network: Network with (B, C, H, W) or (B, C) logits.
        layer: Name of a module with (B, K, h, w) outputs.

    Raises:
        ConfigError: There is no such module.
    """

    def __init__(self, network: nn.Module, layer: str) -> None:
        named_layer(network, layer)
        self._network = copy.deepcopy(network).eval().requires_grad_(True)
        for module in self._network.modules():
            if getattr(module, "inplace", False):
                setattr(module, "inplace", False)  # noqa: B010 - in-place results have no gradient
        self._cam = GradCAM(
            _OwnPixels(self._network), f"network.{layer}", upsampler=_as_it_is, postprocessing=_unchanged
        )
        self.layer = layer

    def check(self, x: torch.Tensor) -> None:
        """Check that the layer outputs maps for (B, in, H, W) images.

        Raises:
            ConfigError: The layer outputs no maps.
        """
        if self.layer not in map_sizes(self._network, x):
            raise ConfigError(f"Layer {self.layer!r} gives no (B, K, h, w) maps; name another by --layer.")

    def __call__(self, x: torch.Tensor, classes: Sequence[int]) -> torch.Tensor:
        """Compute (B, len(classes), h, w) non-negative maps of (B, in, H, W) images.

        A map is 0 everywhere if nothing in the layer supports the class, or if no pixel is predicted as it.
        """
        with torch.enable_grad():
            x = x.detach().clone().requires_grad_(True)  # needed for a gradient at the first layer
            maps = [self._cam.compute_map(x, class_idx=number).detach() for number in classes]
        return torch.cat(maps, dim=1)


class _OwnPixels(nn.Module):
    """Logits of a network; in a segmentation, those below 0 are set to 0 and have no gradient."""

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
