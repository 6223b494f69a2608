"""One network from several trainings: the mean of their weights, a "model soup".

Trainings that begin with the same weights and differ in their seeds end close to each other. The network with
the mean of their weights is then about as good as their ensemble, at the cost of one (Wortsman et al., Model
soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time,
ICML 2022). The mean of weights that began differently is of no use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from cxrtk.errors import ConfigError
from cxrtk.models.ensemble import ALIKE, joint_digest, unlike
from cxrtk.models.model_file import Model


def mean_of_weights(models: Sequence[Model]) -> Model:
    """Return a model whose weights and buffers are the means of those of several models.

    The network of the first is changed in place. Integers, such as counts of batches, are those of the first.

    Args:
        models: At least one model, with equal networks and equal properties.

    Raises:
        ConfigError: Two of them differ in their networks, inputs or outputs.
    """
    first = models[0]
    for each in models[1:]:
        if differing := unlike(first.spec, each.spec, ("network", *ALIKE, "threshold")):
            raise ConfigError(
                f"The weights of {first.spec.name} and {each.spec.name} cannot be averaged: {differing}."
            )
    if len(models) == 1:
        return first
    states = [each.network.state_dict() for each in models]
    means = {
        name: torch.stack([state[name].double() for state in states]).mean(dim=0).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }
    first.network.load_state_dict(means)
    trained = {**first.spec.trained, "averaged": [each.spec.name for each in models]}
    spec = replace(first.spec, trained=trained)
    return replace(first, spec=spec, sha256=joint_digest(models), probe=None)
