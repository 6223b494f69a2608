"""Ensembles that average the probabilities of several models, such as cross-validation folds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.models.model_file import Model, ModelSpec

SEPARATOR = "+"
ALIKE = ("task", "classes", "image_size", "in_channels", "heart", "input")  # must agree between members
LEAST = 1e-6  # lower bound of probabilities, so that logits are finite


class Ensemble(nn.Module):
    """Logits of the mean of the members' probabilities: (B, in, S, S) -> (B, C, ...).

    Args:
        networks: Networks of the members, which output logits.
        temperatures: (members, C): divisor of each member's logits per class.
    """

    def __init__(self, networks: Sequence[nn.Module], temperatures: torch.Tensor) -> None:
        super().__init__()
        self.members = nn.ModuleList(networks)
        self.register_buffer("temperatures", temperatures)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run each member and average the probabilities."""
        total: torch.Tensor | None = None
        for member, temperature in zip(self.members, self.get_buffer("temperatures"), strict=True):
            logits = member(x).float()
            shape = (1, -1, *[1] * (logits.ndim - 2))
            probabilities = torch.sigmoid(logits / temperature.reshape(shape))
            total = probabilities if total is None else total + probabilities
        assert total is not None
        return torch.logit(total / len(self.members), eps=LEAST)


def unlike(one: ModelSpec, other: ModelSpec, names: Sequence[str] = ALIKE) -> str:
    """Describe a difference between two models (``their task is 'a' and 'b'``); empty where they agree."""
    for name in names:
        first, second = getattr(one, name), getattr(other, name)
        if first != second:
            return f"their {name} is {first!r} and {second!r}"
    return ""


def ensemble(models: Sequence[Model]) -> Model:
    """Combine models to one that outputs the mean of the members' probabilities.

    The ensemble has no quality flag, because the parameters of a flag are fitted to one network.

    Args:
        models: At least one model, with equal `ALIKE` properties and equal thresholds.

    Raises:
        ConfigError: Two of them differ in their inputs or outputs.
    """
    first = models[0].spec
    for each in models[1:]:
        if differing := unlike(first, each.spec, (*ALIKE, "threshold")):
            raise ConfigError(
                f"The models {first.name} and {each.spec.name} cannot form an ensemble: {differing}."
            )
    ones = (1.0,) * len(first.classes)
    temperatures = torch.tensor([each.spec.temperature or ones for each in models])
    device = next(models[0].network.parameters()).device
    network = Ensemble([each.network for each in models], temperatures).eval().to(device)
    spec = ModelSpec(
        name=SEPARATOR.join(each.spec.name for each in models),
        network={"members": [dict(each.spec.network) for each in models]},
        classes=first.classes,
        image_size=first.image_size,
        in_channels=first.in_channels,
        heart=first.heart,
        threshold=first.threshold,
        trained={
            "labels": "; ".join(dict.fromkeys(str(each.spec.trained.get("labels", "")) for each in models)),
            "members": [each.spec.name for each in models],
        },
        task=first.task,
        input=first.input,
    )
    return Model(spec, network, joint_digest(models))


def joint_digest(models: Sequence[Model]) -> str:
    """Return the SHA-256, in hexadecimal digits, of the digests of several models in their order."""
    return hashlib.sha256("".join(each.sha256 for each in models).encode()).hexdigest()
