"""Explanation maps of a network's classes by a selected method."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.explain.cam import class_activation_map
from cxrtk.explain.gradcam import GradCam
from cxrtk.explain.head import find_head
from cxrtk.explain.layers import deepest_layer

METHODS = ("cam", "grad-cam")


class Explainer:
    """Explainer that computes maps of a network's classes.

    ::

        explain = Explainer(network, image)
        explain(image)          # (1, C, h, w)

    Args:
        network: Network with (B, C, H, W) or (B, C) logits; set to evaluation mode, otherwise unchanged.
        x: (B, in, H, W) images for a run that locates the layers.
        method: ``cam`` for the contribution of the last feature maps, signed, in logits; ``grad-cam`` for
            gradient-weighted maps of any layer, non-negative.
        layer: For ``cam``, name of the module that computes the logits. For ``grad-cam``, name of the module
            that outputs the maps; empty for the last module with the smallest maps of more than one pixel.
        classes: Indices of the outputs to explain; empty for all.

    Raises:
        ConfigError: The method, a layer or an output does not exist, or the network or layer does not support
            the method.
    """

    def __init__(
        self,
        network: nn.Module,
        x: torch.Tensor,
        *,
        method: str = "cam",
        layer: str = "",
        classes: Sequence[int] = (),
    ) -> None:
        self.network = network.eval()
        self.method = method
        outputs = _outputs(network, x[:1])
        if any(not 0 <= number < outputs for number in classes):
            raise ConfigError(f"The network has outputs 0 to {outputs - 1}, not {list(classes)}.")
        self.classes = tuple(classes) or tuple(range(outputs))
        if method == "cam":
            self.head = find_head(network, x[:1], layer)
            self.layer = self.head.features or self.head.linear
        elif method == "grad-cam":
            self.layer = layer or deepest_layer(network, x.shape[1], x.shape[2], at_least=2)
            self._grad_cam = GradCam(network, self.layer)
            self._grad_cam.check(x[:1])
        else:
            raise ConfigError(f"No method {method!r}; available: {', '.join(METHODS)}.")

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Compute (B, classes, h, w) float32 maps of (B, in, H, W) images, on the layer's own grid."""
        if self.method == "cam":
            return class_activation_map(self.network, x, self.head)[:, self.classes].float()
        return self._grad_cam(x, self.classes).float()

    def of(self, network: nn.Module) -> Explainer:
        """Return the same explainer for another network of the same architecture."""
        other = object.__new__(Explainer)
        other.__dict__ = {**self.__dict__, "network": network.eval()}
        if self.method == "grad-cam":
            other._grad_cam = GradCam(network, self.layer)
        return other


@torch.no_grad()
def _outputs(network: nn.Module, x: torch.Tensor) -> int:
    """Return the number of logits per image or per pixel."""
    logits = network(x)
    if not isinstance(logits, torch.Tensor) or logits.ndim not in (2, 4):
        raise ConfigError("Only a network that gives (B, C, H, W) or (B, C) logits can be explained.")
    return logits.shape[1]
