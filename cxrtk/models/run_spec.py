"""The description of a run's model, from the config in its folder, and its network with random weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from cxrtk.classes import SIDES
from cxrtk.errors import ConfigError
from cxrtk.models.model_file import CLASSES_OF, CLASSIFICATION, ModelSpec
from cxrtk.models.network_def import build_network
from cxrtk.models.run_config import RunConfig

ADVICE = (
    "choose other arguments of the network or another image_size: a multiple of 16, from 32 on, suits every "
    "network that ships"
)


def describe_run(config: RunConfig, labels: str) -> tuple[ModelSpec, nn.Module]:
    """Describe the model of a run, and build its network with random weights.

    Only plain values of the run's config are read; nothing is evaluated.

    Args:
        config: Config of the run.
        labels: Description of the labels that it was trained on, such as ``human masks, heart excluded``.

    Raises:
        ConfigError: The network cannot be built from plain values, does not take its images, or has outputs
            that nothing names.
    """
    folder = config.path.parent
    definition = config.get("network_def")
    if not isinstance(definition, Mapping):
        raise ConfigError(f"{config.path}: has no network_def, by which the network of a run is known.")
    channels, size = _whole(config, "in_channels"), _whole(config, "image_size")
    network = build_network(definition)
    outputs = output_shape(network, channels, size)
    if len(outputs) == 2:
        return _classifier(config, definition, size, channels, outputs[1], labels), network
    classes = _classes(config, outputs[1])
    # With one class per lung, the lungs exclude the heart; masks of either convention were used in training.
    included = "heart included" in labels and not set(SIDES) <= set(classes)
    spec = ModelSpec(
        name=folder.name,
        network=definition,
        classes=classes,
        image_size=size,
        in_channels=channels,
        heart="included" if included else "excluded",
        trained={"run": folder.name, "labels": labels},
    )
    return spec, network


def output_shape(network: nn.Module, channels: int, size: int) -> torch.Size:
    """Return the shape of a network's logits for one image: (1, C, `size`, `size`) or (1, C).

    Raises:
        ConfigError: The network does not take such an image, or returns something else.
    """
    try:
        with torch.no_grad():
            output: Any = network.eval()(torch.zeros(1, channels, size, size))
    except ImportError as error:  # MONAI looks for some packages when they are called
        first = str(error).splitlines()[0]
        raise ConfigError(f"The network needs a package that is not installed: {first}") from error
    except (ValueError, RuntimeError, IndexError, AssertionError) as error:
        if "memory" in str(error):
            raise
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"The network does not take {channels} channels of {size} x {size} pixels ({reason}); {ADVICE}."
        ) from error
    shape: torch.Size | None = getattr(output, "shape", None)
    if shape is None or len(shape) not in (2, 4) or (len(shape) == 4 and shape[2:] != (size, size)):
        given = f"shape {tuple(shape)}" if shape is not None else f"a {type(output).__name__}"
        raise ConfigError(
            f"The network makes {given} of an image of {size} x {size} pixels, not one logit for each class "
            f"and pixel, nor one for each class; {ADVICE}."
        )
    return shape


def _whole(config: RunConfig, name: str) -> int:
    value = config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{config.path}: its {name} must be an integer of at least 1, not {value!r}.")
    return value


def _classifier(
    config: RunConfig, definition: Mapping[str, Any], size: int, channels: int, outputs: int, labels: str
) -> ModelSpec:
    """Describe a network with one logit per image and finding."""
    names = config.get("findings")
    if not isinstance(names, list) or len(names) != outputs:
        raise ConfigError(f"{config.path}: does not name its {outputs} outputs by a list 'findings'.")
    lungs = str(config.get("lungs") or "full")
    return ModelSpec(
        name=config.path.parent.name,
        network=definition,
        classes=tuple(map(str, names)),
        image_size=size,
        in_channels=channels,
        trained={"run": config.path.parent.name, "labels": labels},
        task=CLASSIFICATION,
        input={} if lungs == "full" else {"lungs": lungs, "model": str(config.get("lung_model") or "")},
    )


def _classes(config: RunConfig, outputs: int) -> tuple[str, ...]:
    """Return the classes that the config names, or those that belong to the number of outputs."""
    names = config.get("classes") if "classes" in config.values else None
    if names is None and outputs in CLASSES_OF:
        return CLASSES_OF[outputs]
    if names is None:
        raise ConfigError(
            f"{config.path}: has {outputs} outputs, and it is not stated which classes they are; name "
            "them by a "
            "list 'classes', as docs/training.md shows."
        )
    if not isinstance(names, list) or len(set(map(str, names))) != outputs or len(names) != outputs:
        raise ConfigError(
            f"{config.path}: its 'classes' must name the {outputs} outputs, each once, not {names!r}."
        )
    return tuple(map(str, names))
