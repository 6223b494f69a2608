"""Image sizes that a network takes."""

from __future__ import annotations

from math import log2
from typing import Any

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.models.model_file import Model

# Layers with an output on a grid of the image; pooling to a fixed size is not among them.
GRIDDED = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)


@torch.no_grad()
def multiple_of(model: Model) -> int:
    """Return the factor by which a network reduces rows and columns: 32 for five halvings.

    The network takes images whose rows and columns are multiples of this factor. The factor is determined
    from one run at the model's size.

    Raises:
        ConfigError: The model's own size is not a multiple of the factor.
    """
    size = model.spec.image_size
    sides = [size]

    def note(_: nn.Module, __: Any, output: torch.Tensor) -> None:
        sides.append(output.shape[-1])

    hooks = [
        module.register_forward_hook(note)
        for module in model.network.modules()
        if isinstance(module, GRIDDED)
    ]
    try:
        model.network.eval()(torch.zeros(1, model.spec.in_channels, size, size, device=model.device))
    finally:
        for hook in hooks:
            hook.remove()
    factor = 2 ** round(log2(size / min(sides)))
    if size % factor:
        raise ConfigError(
            f"model {model.spec.name}: its size {size} is not a multiple of {factor}, by which its network "
            "reduces an image; add --fixed-size."
        )
    return int(factor)
