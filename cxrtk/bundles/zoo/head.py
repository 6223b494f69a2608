"""The network of an exported bundle: the model's own network, and one layer that orders its outputs.

MONAI's tools treat channel 0 as the background, and the number of a channel as the number of its class in a
label map. The layer, a 1 x 1 convolution, puts the classes in that order, divides each logit by its
temperature, and gives the background the logit of the threshold: a class exceeds the background exactly where
its probability exceeds the threshold.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from cxrtk.classes import HEART, LUNGS, SIDES
from cxrtk.errors import ConfigError
from cxrtk.models.conventions import own_classes
from cxrtk.models.model_file import Model, ModelSpec, require_masks

BACKGROUND = "background"
# Classes with masks made as for a radiograph, in the order in which earlier ones cover later ones.
KNOWN = (*SIDES, HEART, LUNGS)


def labels_of(spec: ModelSpec) -> tuple[str, ...]:
    """Return the classes of the label map; the first one has the number 1.

    Raises:
        ConfigError: The model makes no masks, or makes masks of classes other than lungs and heart.
    """
    require_masks(spec)
    own = own_classes(spec)
    if not set(own) <= set(KNOWN):
        other = ", ".join(name for name in own if name not in KNOWN)
        raise ConfigError(
            f"{spec.name}: has the classes {other}, and a bundle is written of lungs and heart only; write a "
            "single file by -o."
        )
    return tuple(name for name in KNOWN if name in own)


def whole_network(model: Model) -> nn.Sequential:
    """Return the network of the bundle: (B, in_channels, H, W) -> (B, 1 + classes, H, W) logits."""
    return nn.Sequential(model.network, ordering(model.spec)).eval()


def ordering(spec: ModelSpec) -> nn.Conv2d:
    """Return the last layer, which outputs the background and the classes of `labels_of`."""
    names = labels_of(spec)
    layer = nn.Conv2d(len(spec.classes), 1 + len(names), kernel_size=1)
    weight, bias = torch.zeros_like(layer.weight), torch.zeros(1 + len(names))
    for number, name in enumerate(names, start=1):
        channel = spec.classes.index(name)
        weight[number, channel] = 1 / spec.temperature[channel] if spec.temperature else 1.0
    bias[0] = math.log(spec.threshold / (1 - spec.threshold))
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)  # type: ignore[union-attr]
    return layer


def definition(spec: ModelSpec, backbone: dict[str, Any]) -> dict[str, Any]:
    """Return the ids of a config that build the network.

    Args:
        spec: Description of the model.
        backbone: Definition of the model's own network, with a ``_target_`` that exists without cxrtk.
    """
    last = {
        "_target_": "torch.nn.Conv2d",
        "_desc_": "background and classes in the order of the label map, divided by their temperatures",
        "in_channels": len(spec.classes),
        "out_channels": 1 + len(labels_of(spec)),
        "kernel_size": 1,
    }
    return {
        "backbone": backbone,
        "ordering": last,
        "network_def": "$torch.nn.Sequential(@backbone, @ordering)",
        "network": "$@network_def.to(@device)",
    }
