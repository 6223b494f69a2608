"""Sanity check of explanation maps by cascading randomisation of the network's weights.

Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018: a map that does not change when the weights are
replaced by random ones depends on the image alone, not on what the network learned. Their *cascading
randomisation* replaces the weights from the last layer to the first, each step including the previous ones.
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

DRAWS = 3  # number of random initialisations
TRAINED, IMAGE = "(trained)", "(the image)"

Maps = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Step:
    """Similarity of the maps after one more layer was randomised to those of the trained network.

    Attributes:
        layer: Layer down to which the weights are randomised; `TRAINED` before the first. `IMAGE` where the
            image itself replaces the map, as a reference for edge detectors.
        spearman: Mean rank correlation over images, classes and draws.
        strength: Mean of its absolute value: an inverted map still shows the same structure.
        ssim: Mean structural similarity.
        constant: Number of constant maps, which count as 0 above.
        maps: Number of compared maps.
    """

    layer: str
    spearman: float
    strength: float
    ssim: float
    constant: int
    maps: int


@dataclass(frozen=True)
class Cascade:
    """Result of a sanity check: the steps, and per step the (classes, h, w) maps of one image and draw."""

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
        explainer: Explainer of the trained network, which is left unchanged.
        x: (B, in, H, W) images.
        draws: Number of random initialisations; results are averaged over them.
        seed: Seed of the first draw.
        report: Callback after each step of each draw.

    Raises:
        ConfigError: A layer has weights but no `reset_parameters` to initialise them.
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
    """Return the layers with weights, from the output to the input, in reverse of the execution order.

    A step is a convolution or linear layer, with the following norms and activations that have parameters of
    their own.

    Raises:
        ConfigError: A layer has parameters but no `reset_parameters`.
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
    """Return how often `cascade` calls ``report``."""
    return draws * (1 + len(weight_steps(network, x)))


def _randomised(
    explainer: Explainer, x: torch.Tensor, steps: Sequence[Sequence[str]], seed: int
) -> Iterator[Maps]:
    """Yield (B, C, h, w) maps of the trained network, and after each step.

    Weights are drawn on the CPU, so that a seed gives the same weights on every device; the global random
    state is restored whenever maps are yielded.
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
    """Resample the images' brightness to the grid of the maps, repeated for each class."""
    grey = x.mean(dim=1, keepdim=True)
    small = nn.functional.interpolate(grey, shape[2:], mode="area")
    maps: Maps = small.expand(-1, shape[1], -1, -1).numpy(force=True)
    return maps
