"""Layers of a network: by name, by the size of their maps, and in execution order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

from cxrtk.errors import ConfigError

NAMED = 8  # layers listed in an error message; some networks have hundreds

Seen = Callable[[str, nn.Module, tuple[Any, ...], Any], None]


def layer_names(network: nn.Module) -> list[str]:
    """Return the name of each module, excluding the network itself."""
    return [name for name, _ in network.named_modules() if name]


def named_layer(network: nn.Module, name: str) -> nn.Module:
    """Return the module of this name.

    Raises:
        ConfigError: There is no such module; the message lists the closest names.
    """
    modules: dict[str, nn.Module] = dict(network.named_modules())
    if name and name in modules:
        return modules[name]
    names = layer_names(network)
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    raise ConfigError(f"The network has no layer {name!r}.{hint} Available: {listed}.")


@contextmanager
def watched(network: nn.Module, seen: Seen) -> Iterator[None]:
    """Call `seen` with name, module, inputs and output of each module on completion, within the context."""

    def watch(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            seen(name, module, inputs, output)

        return hook

    hooks = [module.register_forward_hook(watch(name)) for name, module in network.named_modules() if name]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def map_sizes(network: nn.Module, x: torch.Tensor) -> dict[str, int]:
    """Return name -> pixels of the maps of each module that outputs maps, in the order of completion.

    Args:
        network: Network in evaluation mode.
        x: (B, C, H, W) input for the run.
    """
    sizes: dict[str, int] = {}

    def keep(name: str, _: nn.Module, __: tuple[Any, ...], output: Any) -> None:
        if isinstance(output, torch.Tensor) and output.ndim == 4:
            sizes.pop(name, None)  # a module that runs twice counts at its last completion
            sizes[name] = output.shape[2] * output.shape[3]

    with watched(network, keep):
        network(x)
    return sizes


def deepest_layer(network: nn.Module, channels: int, size: int, *, at_least: int = 1) -> str:
    """Return the last module among those with the smallest maps: the bottleneck of a U-Net.

    Args:
        network: Network in evaluation mode.
        channels: Number of input channels.
        size: Rows and columns of the input.
        at_least: Minimum number of pixels of a map; 2 skips the pooled features of a classifier.

    Raises:
        ConfigError: No module outputs maps smaller than the image.
    """
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    every = map_sizes(network, torch.zeros(1, channels, size, size, device=device))
    sizes = {name: area for name, area in every.items() if area >= at_least}
    least = min(sizes.values(), default=size * size)
    if least >= size * size:
        raise ConfigError("the network has no layer whose maps are smaller than the image.")
    return [name for name, area in sizes.items() if area == least][-1]
