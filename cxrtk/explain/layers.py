"""The layers of a network: by name, by the size of their maps, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

from cxrtk.errors import ConfigError

NAMED = 8  # layers in an error's message; some networks have hundreds

Seen = Callable[[str, nn.Module, tuple[Any, ...], Any], None]


def layer_names(network: nn.Module) -> list[str]:
    """Name of each module, the network itself left out."""
    return [name for name, _ in network.named_modules() if name]


def named_layer(network: nn.Module, name: str) -> nn.Module:
    """The module of this name.

    Raises:
        ConfigError: There is none; names the nearest.
    """
    modules: dict[str, nn.Module] = dict(network.named_modules())
    if name and name in modules:
        return modules[name]
    names = layer_names(network)
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    raise ConfigError(f"The network has no layer {name!r}.{hint} There are: {listed}.")


@contextmanager
def watched(network: nn.Module, seen: Seen) -> Iterator[None]:
    """While it lasts, `seen` gets name, module, inputs and output of each module as it ends."""

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
    """Name -> pixels of the maps of each module that gives any, in the order in which they end.

    Args:
        network: In evaluation mode.
        x: (B, C, H, W) to run it on.
    """
    sizes: dict[str, int] = {}

    def keep(name: str, _: nn.Module, __: tuple[Any, ...], output: Any) -> None:
        if isinstance(output, torch.Tensor) and output.ndim == 4:
            sizes.pop(name, None)  # one that is run twice counts where it ends last
            sizes[name] = output.shape[2] * output.shape[3]

    with watched(network, keep):
        network(x)
    return sizes


def deepest_layer(network: nn.Module, channels: int, size: int, *, at_least: int = 1) -> str:
    """Name of the last module among those with the smallest maps: where a U-Net sees the image as a whole.

    Args:
        network: In evaluation mode.
        channels: Of its input.
        size: Rows and columns of its input.
        at_least: Pixels of a map; with 2, what a classifier pooled away is passed over.

    Raises:
        ConfigError: No module gives maps smaller than the image.
    """
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    every = map_sizes(network, torch.zeros(1, channels, size, size, device=device))
    sizes = {name: area for name, area in every.items() if area >= at_least}
    least = min(sizes.values(), default=size * size)
    if least >= size * size:
        raise ConfigError("the network has no layer whose maps are smaller than the image.")
    return [name for name, area in sizes.items() if area == least][-1]
