"""Does a map depend on what the network learned? Its layers are randomised one by one, from the output on.

Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018: a map that stays as it was when the weights are
replaced by random ones shows the image, not what the network knows. Their *cascading randomisation*
replaces the weights from the last layer to the first, each step keeping what the steps before did.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.layers import named_layer, watched
from cxrtk.explain.similarity import is_constant, spearman, ssim

DRAWS = 3  # of random weights
TRAINED, IMAGE = "(trained)", "(the image)"

Maps = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Step:
    """The maps after one more layer was randomised, against those of the trained network.

    Attributes:
        layer: The layer with which randomising has come down to the input; `TRAINED` before the first.
            `IMAGE` where the image itself takes the place of the map: what an edge detector would reach.
        spearman: Mean rank correlation over images, classes and draws.
        strength: Mean of its absolute value: a map that is turned around still shows the same.
        ssim: Mean structural similarity.
        constant: Maps without any contrast, which count as 0 above.
        maps: How many were compared.
    """

    layer: str
    spearman: float
    strength: float
    ssim: float
    constant: int
    maps: int


@dataclass(frozen=True)
class Cascade:
    """A sanity check: its steps, and for each the (classes, h, w) maps of the first image and draw."""

    steps: tuple[Step, ...]
    image: Step
    pictures: tuple[Maps, ...]


def cascade(
    explainer: Explainer,
    x: torch.Tensor,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    report: Callable[[], None] = lambda: None,
) -> Cascade:
    """Randomise a network layer by layer from its output, and compare the maps with the trained ones.

    Args:
        explainer: Of the trained network, which is left as it is.
        x: (B, in, H, W) images.
        draws: How often, with other random weights; numbers are means over all.
        seed: Of the first draw.
        report: Called after each step of each draw.

    Raises:
        ConfigError: A layer has weights and no `reset_parameters` to draw them anew.
    """
    trained = explainer(x).numpy(force=True)
    steps = weight_steps(explainer.network, x[:1])
    names = (TRAINED, *(group[0] for group in steps))
    found: list[list[Step]] = [[] for _ in names]
    pictures: list[Maps] = []
    for draw in range(draws):
        for number, maps in enumerate(_randomised(explainer, x, steps, seed + draw)):
            found[number].append(_compare(names[number], trained, maps))
            if draw == 0:
                pictures.append(maps[0])
            report()
    return Cascade(
        tuple(_mean(each) for each in found),
        _compare(IMAGE, trained, _as_maps(x, trained.shape)),
        tuple(pictures),
    )


def weight_steps(network: nn.Module, x: torch.Tensor) -> list[list[str]]:
    """The layers with weights, from the output to the input, in the order in which they are run.

    A step is a convolution or linear layer, with the norms and activations that follow it and have
    parameters of their own.

    Raises:
        ConfigError: A layer has parameters and no `reset_parameters`.
    """
    order: dict[str, None] = {}

    def keep(name: str, module: nn.Module, _: tuple[Any, ...], __: Any) -> None:
        if next(module.parameters(recurse=False), None) is not None:
            order.pop(name, None)
            order[name] = None

    with torch.no_grad(), watched(network, keep):
        network(x)
    steps: list[list[str]] = []
    for name in order:
        module = named_layer(network, name)
        if not hasattr(module, "reset_parameters"):
            raise ConfigError(
                f"Layer {name!r} ({type(module).__name__}) has parameters and no reset_parameters() to make "
                "them random by; the check cannot be done."
            )
        if not steps or any(each.ndim >= 2 for each in module.parameters(recurse=False)):
            steps.append([])
        steps[-1].append(name)
    return steps[::-1]


def step_count(network: nn.Module, x: torch.Tensor, draws: int = DRAWS) -> int:
    """How often `cascade` calls ``report``."""
    return draws * (1 + len(weight_steps(network, x)))


def _randomised(
    explainer: Explainer, x: torch.Tensor, steps: Sequence[Sequence[str]], seed: int
) -> Iterator[Maps]:
    """(B, C, h, w) maps of the trained network, and after each step.

    Weights are drawn on the CPU, so that a seed means the same on every device; the process's own random
    state is as before whenever a map is given.
    """
    network = copy.deepcopy(explainer.network).cpu()
    yield explainer(x).numpy(force=True)
    state = torch.Generator().manual_seed(seed).get_state()
    for group in steps:
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(state)
            for name in group:
                reset: Any = named_layer(network, name)
                reset.reset_parameters()
            state = torch.get_rng_state()
        yield explainer.of(copy.deepcopy(network).to(x.device))(x).numpy(force=True)


def _compare(name: str, trained: Maps, maps: Maps) -> Step:
    pairs = list(zip(trained.reshape(-1, *trained.shape[2:]), maps.reshape(-1, *maps.shape[2:]), strict=True))
    ranks = [spearman(one, other) for one, other in pairs]
    return Step(
        name,
        float(np.mean(ranks)),
        float(np.mean(np.abs(ranks))),
        float(np.mean([ssim(one, other) for one, other in pairs])),
        sum(is_constant(other) for _, other in pairs),
        len(pairs),
    )


def _mean(steps: Sequence[Step]) -> Step:
    return Step(
        steps[0].layer,
        float(np.mean([each.spearman for each in steps])),
        float(np.mean([each.strength for each in steps])),
        float(np.mean([each.ssim for each in steps])),
        sum(each.constant for each in steps),
        sum(each.maps for each in steps),
    )


def _as_maps(x: torch.Tensor, shape: tuple[int, ...]) -> Maps:
    """The images' brightness on the grid of the maps, once for each class."""
    grey = x.mean(dim=1, keepdim=True)
    small = nn.functional.interpolate(grey, shape[2:], mode="area")
    maps: Maps = small.expand(-1, shape[1], -1, -1).numpy(force=True)
    return maps
