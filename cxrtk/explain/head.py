r"""The head of a network: its last feature maps f, and the linear layer that computes logits z from them.

For a segmentation network z = A(f) + b with A linear: a 1x1 or 3x3 convolution, or several linear layers in a
row. For a classifier with global average pooling, z = W mean(f) + b. Both are detected from a run of the
network, and verified numerically, not by class names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.explain.layers import named_layer, watched

TOLERANCE = 1e-3  # tolerance relative to the largest value; rounding gives 1e-6
ADVICE = "use Grad-CAM (--method grad-cam), which any network allows"


@dataclass(frozen=True)
class Head:
    """The part of a network that maps features to logits.

    Attributes:
        kind: ``segmentation`` or ``classification``.
        linear: Name of the module that computes the logits.
        features: Name of the module that outputs f; empty for segmentation, where f is the input of `linear`.
        about: Description of the linear module, such as ``Conv2d 64 -> 1, 3x3``.
    """

    kind: str
    linear: str
    features: str = ""
    about: str = ""


@dataclass
class _Run:
    """Recorded inputs and outputs of one run of a network, per module, in the order of completion."""

    outputs: dict[str, torch.Tensor] = field(default_factory=dict)
    inputs: dict[str, torch.Tensor] = field(default_factory=dict)
    means: dict[str, torch.Tensor] = field(default_factory=dict)  # (B, K) mean of each map
    areas: dict[str, int] = field(default_factory=dict)

    def keep(self, name: str, _: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        for kept in (self.outputs, self.inputs, self.means, self.areas):
            kept.pop(name, None)
        if not isinstance(output, torch.Tensor):
            return
        self.outputs[name] = output
        if len(inputs) == 1 and isinstance(inputs[0], torch.Tensor):
            self.inputs[name] = inputs[0]
        if output.ndim == 4:
            self.means[name] = output.mean(dim=(2, 3))  # now: later layers may operate in place
            self.areas[name] = output.shape[2] * output.shape[3]


@torch.no_grad()
def find_head(network: nn.Module, x: torch.Tensor, linear: str = "") -> Head:
    """Find the head of a network.

    Args:
        network: Network in evaluation mode, with (B, C, H, W) or (B, C) logits.
        x: (B, in, H, W) input for the run; an image is more informative than zeros.
        linear: Name of the module that computes the logits; empty to detect it.

    Raises:
        ConfigError: The module does not exist, or the logits are not linear in any feature map.
    """
    if linear:
        named_layer(network, linear)
    run = _Run()
    with watched(network, run.keep):
        logits = network(x)
    if not isinstance(logits, torch.Tensor) or logits.ndim not in (2, 4):
        raise ConfigError("A class activation map needs a network that gives (B, C, H, W) or (B, C) logits.")
    if logits.ndim == 2:
        return _of_classifier(network, run, logits, linear)
    return _of_segmenter(network, run, logits, linear)


def _of_segmenter(network: nn.Module, run: _Run, logits: torch.Tensor, linear: str) -> Head:
    for name in _makers(run, logits, linear):
        module, given = named_layer(network, name), run.inputs[name]
        # A second run shows whether a later layer changed its input or output in place.
        if is_linear(module, given) and _close(module(given), logits):
            return Head("segmentation", name, about=describe(module))
    named = f"of layer {linear!r} " if linear else ""
    raise ConfigError(
        f"The logits are not a linear function {named}of any feature maps, so there is no class activation "
        f"map; {ADVICE}."
    )


def _of_classifier(network: nn.Module, run: _Run, logits: torch.Tensor, linear: str) -> Head:
    for name in _makers(run, logits, linear):
        module = named_layer(network, name)
        if not isinstance(module, nn.Linear):
            continue
        pooled = run.inputs[name]  # (B, K)
        fitting = [each for each, mean in run.means.items() if run.areas[each] > 1 and _close(mean, pooled)]
        if fitting:
            largest = max(run.areas[each] for each in fitting)
            layer = [each for each in fitting if run.areas[each] == largest][-1]
            return Head("classification", name, layer, describe(module))
    raise ConfigError(
        "The logits are not made by one linear layer from the means of feature maps (global average "
        f"pooling), so there is no class activation map; {ADVICE}."
    )


def _makers(run: _Run, logits: torch.Tensor, linear: str) -> Iterator[str]:
    """Yield the modules that output the logits, innermost first: a module completes before its parent."""
    for name, output in run.outputs.items():
        if (linear in ("", name)) and name in run.inputs and _same(output, logits):
            yield name


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and bool(torch.equal(one, other))


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape:
        return False
    return float((one - other).abs().max()) <= TOLERANCE * max(float(other.abs().max()), 1e-12)


def is_linear(module: nn.Module, like: torch.Tensor) -> bool:
    """Return whether A(f + g) - A(0) = A(f) + A(g) - 2 A(0) for random f, g of the shape of `like`.

    The module must also have weights: an `Identity` is linear, but computes no logits.
    """
    if not any(parameter.ndim >= 2 for parameter in module.parameters()):
        return False
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.randn(like.shape, generator=generator).to(like) for _ in range(2))
    zero = module(torch.zeros_like(like))
    together = module(one + other) - zero
    apart = (module(one) - zero) + (module(other) - zero)
    return _close(together, apart)


def describe(module: nn.Module) -> str:
    """Describe a linear module: ``Conv2d 64 -> 1, 3x3``."""
    parts = []
    for each in module.modules():
        if isinstance(each, (nn.Conv2d, nn.ConvTranspose2d)):
            kernel = "x".join(map(str, each.kernel_size))
            parts.append(f"{type(each).__name__} {each.in_channels} -> {each.out_channels}, {kernel}")
        elif isinstance(each, nn.Linear):
            parts.append(f"Linear {each.in_features} -> {each.out_features}")
    outer = "" if not list(module.children()) else f"{type(module).__name__}: "
    return outer + "; ".join(parts)
