r"""Class activation maps: the contribution of the last feature maps to each class, per pixel.

Zhou et al., Learning Deep Features for Discriminative Localization, CVPR 2016:
:math:`M_c(x, y) = \sum_k w_{c,k} f_k(x, y)`, where f are the last feature maps and w the weights of the
following layer. With global average pooling the logit of class c is the mean of :math:`M_c` plus the bias. A
segmentation network has no pooling: with a 1x1 convolution :math:`M_c` is the logit minus the bias. A 3x3
convolution has nine weights per map, one for each tap (u, v), and
:math:`M_c(x, y) = \sum_k \sum_{u,v} w_{c,k,u,v} f_k(x + u, y + v)` is again the logit minus the bias.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from cxrtk.explain.head import Head
from cxrtk.explain.layers import named_layer


@torch.no_grad()
def class_activation_map(network: nn.Module, x: torch.Tensor, head: Head) -> torch.Tensor:
    """Compute the map of each class: (B, in, H, W) -> (B, C, h, w), signed, in units of a logit.

    For a classifier, its mean over the pixels is the logit minus the bias. For a segmentation network this
    holds for each pixel.

    Args:
        network: Network in evaluation mode.
        x: Input images.
        head: Head of the network, from `cxrtk.explain.head.find_head`.
    """
    features = last_features(network, x, head)
    module = named_layer(network, head.linear)
    if head.kind == "segmentation":
        found: torch.Tensor = module(features) - module(torch.zeros_like(features))
        return found
    assert isinstance(module, nn.Linear)
    return torch.einsum("ck,bkhw->bchw", module.weight, features)


@torch.no_grad()
def last_features(network: nn.Module, x: torch.Tensor, head: Head) -> torch.Tensor:
    """Return the last feature maps f: (B, in, H, W) -> (B, K, h, w)."""
    kept: list[torch.Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        kept[:] = [(output if head.features else inputs[0]).clone()]  # a later layer may operate in place

    hook = named_layer(network, head.features or head.linear).register_forward_hook(keep)
    try:
        network(x)
    finally:
        hook.remove()
    return kept[0]
