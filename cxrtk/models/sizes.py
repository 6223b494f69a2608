"""Image sizes that a network takes."""

from __future__ import annotations

from math import log2
from typing import Any

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.models.model_file import CLASSIFICATION, ModelSpec

# Layers with an output on a grid of the image; pooling to a fixed size is not among them.
GRIDDED = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
STEPS = (16, 32, 64, 128)  # sides of an image; a network takes all multiples of one of these


@torch.no_grad()
def multiple_of(network: nn.Module, spec: ModelSpec) -> int:
    """Return the number by which the rows and columns of an image must be divisible: 32 for five halvings.

    It is the factor by which the network reduces an image, determined from one run at the model's size. The
    network may refuse an image of this side itself, on which its last layers have a single pixel left; it
    takes twice the side.

    Args:
        network: The network, on the CPU.
        spec: Description of its model.
    """
    sides = [spec.image_size]

    def note(_: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        if inputs[0].shape[-1] > 1:  # one pixel may be a mean of the image, as in squeeze and excitation
            sides.append(output.shape[-1])

    hooks = [
        module.register_forward_hook(note) for module in network.modules() if isinstance(module, GRIDDED)
    ]
    try:
        network.eval()(torch.zeros(1, spec.in_channels, sides[0], sides[0]))
    finally:
        for hook in hooks:
            hook.remove()
    return int(2 ** round(log2(sides[0] / min(sides))))


def step_of(network: nn.Module, spec: ModelSpec) -> int:
    """Return the smallest of `STEPS` all of whose multiples the network takes, the step itself included.

    It is `multiple_of` or a multiple of that, such as twice the number for a network that normalises over
    the pixels of its last layers. Three images are tried. Metadata of a bundle state this number, because
    MONAI has no entry there for a smallest size.

    Raises:
        ConfigError: No number in `STEPS` qualifies.
    """
    multiple = multiple_of(network, spec)
    for step in STEPS:
        if step % multiple == 0 and all(_takes(network, spec, step * factor) for factor in (1, 2, 3)):
            return step
    raise ConfigError(
        f"{spec.name}: its network takes images of none of the sides {STEPS} and their multiples."
    )


@torch.no_grad()
def _takes(network: nn.Module, spec: ModelSpec, side: int) -> bool:
    """Return whether the network gives logits of the expected shape for an image of this side."""
    try:
        shape = network.eval()(torch.zeros(1, spec.in_channels, side, side)).shape
    except (ValueError, RuntimeError, IndexError):  # errors by which networks refuse a size
        return False
    wanted = (1, len(spec.classes)) + (() if spec.task == CLASSIFICATION else (side, side))
    return tuple(shape) == wanted
