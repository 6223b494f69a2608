"""Loading of weights into a network, without the prefixes of wrappers; errors name the differences."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cxrtk.errors import CheckpointError

NAMED = 3  # number of differences in one message
AVERAGES = "n_averaged"  # a count that torch's AveragedModel keeps among its weights

logger = logging.getLogger(__name__)


def load_weights(network: torch.nn.Module, state: Mapping[str, Any], path: Path, key: str = "model") -> None:
    """Load a checkpoint's weights into `network`: those under `key`, or a bare state dict.

    A prefix that all names have, such as ``module.`` from `torch.nn.DataParallel` or ``_orig_mod.`` from
    `torch.compile`, is removed with a note if the remaining names are those of the network.

    Args:
        network: The network; for a parallel wrapper, weights are loaded into the wrapped network.
        state: Content of the checkpoint.
        path: Path of the file, for messages.
        key: Key of the weights in the checkpoint.

    Raises:
        CheckpointError: There are no weights, or they belong to another network; the message names the first
            differences.
    """
    inner = bare(network)
    weights = weights_in(state, path, key)
    own = inner.state_dict()
    prefix = prefix_of(list(weights), list(own))
    if prefix:
        logger.warning(
            "%s: the names of its weights begin with %r, which was taken off; it was saved from a wrapper of "
            "the network.", path, prefix,
        )  # fmt: skip
        weights = {name.removeprefix(prefix): value for name, value in weights.items() if name != AVERAGES}
    found = differences(own, weights)
    if found:
        first = "; ".join(found[:NAMED])
        more = f"; {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise CheckpointError(
            f"{path}: belongs to a different network than this {type(inner).__name__}: {first}{more}."
        )
    inner.load_state_dict(weights)


def bare(network: torch.nn.Module) -> torch.nn.Module:
    """Unwrap a network from a parallel wrapper, or from `torch.compile`."""
    if isinstance(network, torch.nn.DataParallel | torch.nn.parallel.DistributedDataParallel):
        network = network.module
    compiled: torch.nn.Module = getattr(network, "_orig_mod", network)
    return compiled


def weights_in(state: Mapping[str, Any], path: Path, key: str = "model") -> Mapping[str, torch.Tensor]:
    """Find the weights in a checkpoint: the entry `key`, or the whole checkpoint if all values are tensors.

    Raises:
        CheckpointError: There are no weights.
    """
    found = state
    if key in state or not all(isinstance(value, torch.Tensor) for value in state.values()):
        found = state.get(key, {})
    if not isinstance(found, Mapping) or not found:
        raise CheckpointError(f"{path}: has no {key!r}; available: {', '.join(map(str, state))}.")
    return found


def prefix_of(names: list[str], wanted: list[str]) -> str:
    """Return the prefix, up to a dot, that turns `names` into `wanted` when removed; empty if there is none.

    >>> prefix_of(["module.conv.weight", "module.conv.bias"], ["conv.weight", "conv.bias"])
    'module.'
    """
    names = [name for name in names if name != AVERAGES]
    if not names or not wanted or set(names) == set(wanted):
        return ""
    first = names[0]
    prefixes = [first[: index + 1] for index, letter in enumerate(first) if letter == "."]
    for each in prefixes:
        left = {name.removeprefix(each) for name in names if name.startswith(each)}
        if len(left) == len(names) and left == set(wanted):
            return each
    return ""


def differences(own: Mapping[str, torch.Tensor], given: Mapping[str, Any]) -> list[str]:
    """Describe differences of given weights from a network's in name or shape, in the network's order."""
    found = []
    for name in (*own, *(name for name in given if name not in own)):
        here, there = (_shape(weights.get(name)) for weights in (own, given))
        if here != there:
            found.append(f"{name} is {here} here and {there} there")
    return found


def _shape(value: Any) -> str:
    if value is None:
        return "missing"
    return str(tuple(value.shape)) if isinstance(value, torch.Tensor) else f"a {type(value).__name__}"
