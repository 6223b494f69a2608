"""Loading of a model by ``--model``: a shipped model, a model file, a training run or a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cxrtk.classes import SIDES
from cxrtk.errors import ConfigError
from cxrtk.models import shipping
from cxrtk.models.ensemble import SEPARATOR, ensemble
from cxrtk.models.model_file import (
    CLASSES_OF,
    CLASSIFICATION,
    Model,
    ModelSpec,
    build_network,
    read_model,
    require_finite,
)
from cxrtk.models.run_config import RunConfig
from cxrtk.process.device import check_device
from cxrtk.training import checkpoints, record
from cxrtk.training.keeper import BEST, load_weights


def find_model(name: str, device: str | torch.device = "cpu") -> Model:
    """Load a model.

    Args:
        name: Name of a shipped model (``lungs``); a ``.safetensors`` file from `save_model`; the folder of a
            run, for its best checkpoint; or a checkpoint in such a folder. Several, joined by ``+``, form an
            ensemble, see `cxrtk.models.ensemble`.
        device: Device of the network.

    Raises:
        ConfigError: There is no such model or device.
        CheckpointError: The file is damaged, does not fit, or is not the one shipped under this name.
        NonFiniteError: A weight is NaN or infinite.
    """
    check_device(str(device))
    names = members(name)
    if len(names) > 1:
        return ensemble([find_model(each, device) for each in names])
    shipped = shipping.shipped()
    if name in shipped:
        return read_model(shipped[name], device, sha256=shipping.expected_sha256(shipped[name]))
    path = Path(name)
    if path.suffix == ".safetensors":
        return read_model(path, device)
    if path.is_dir():
        path = path / BEST
    if not path.is_file():
        raise ConfigError(
            f"No model {name!r}: it is no .safetensors file, no run with a {BEST}, and none that ships; "
            f"those are: {', '.join(shipped) or 'none'}."
        )
    return _of_run(path, device)


def load_model(name: str, device: str = "cpu") -> Model:
    """Load a model by the name given by a user; see `find_model`.

    Args:
        name: Name of the model; see `find_model`.
        device: ``cpu``, ``cuda`` or ``cuda:1``.

    Raises:
        ConfigError: There is no such model or device.
        CheckpointError: The file is damaged, does not fit, or is not the one shipped under this name.
        NonFiniteError: A weight is NaN or infinite.
    """
    return find_model(name, device)


def members(name: str) -> list[str]:
    """Split a name of `find_model` into its models: several for an ensemble, else one."""
    if SEPARATOR in name and not Path(name).exists():
        return [each.strip() for each in name.split(SEPARATOR)]
    return [name]


def path_of(name: str) -> Path:
    """Return the path of one model: the file of a shipped one, else the given file or folder."""
    return shipping.shipped().get(name, Path(name)).resolve()


def _of_run(path: Path, device: str | torch.device) -> Model:
    spec, network = _stated(path)
    load_weights(network, checkpoints.load(path), path)
    require_finite(network.state_dict(), path)
    return Model(spec, network.eval().to(device), checkpoints.sha256(path))


def _stated(checkpoint: Path) -> tuple[ModelSpec, nn.Module]:
    """Return the network's description from its run, and the network with random weights.

    Only plain values of the run's config are read; nothing is evaluated.
    """
    folder = checkpoint.parent
    try:
        config, about = RunConfig(folder), record.read(folder)
    except ConfigError as error:
        raise ConfigError(
            f"{checkpoint}: is not the checkpoint of a run, whose config.json and run.json would lie beside "
            f"it: {error}"
        ) from error
    definition = config.get("network_def")
    channels, size = int(config.get("in_channels")), int(config.get("image_size"))
    labels = str((about.get("settings") or {}).get("labels", ""))
    network = build_network(definition)
    outputs = _outputs(network, channels, size)
    if len(outputs) == 2:
        return _classifier(config, definition, size, channels, outputs[1], checkpoint, labels), network
    classes = _classes(outputs[1], checkpoint)
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


def _outputs(network: nn.Module, channels: int, size: int) -> torch.Size:
    """Return the shape of the logits of one image: (1, C, H, W) or (1, C)."""
    with torch.no_grad():
        shape: torch.Size = network.eval()(torch.zeros(1, channels, size, size)).shape
    return shape


def _classifier(
    config: RunConfig,
    definition: Mapping[str, Any],
    size: int,
    channels: int,
    outputs: int,
    checkpoint: Path,
    labels: str,
) -> ModelSpec:
    """Describe a network with one logit per image and finding."""
    names = config.get("findings")
    if not isinstance(names, list) or len(names) != outputs:
        raise ConfigError(
            f"{checkpoint}: its config.json does not name its {outputs} outputs by a list 'findings'."
        )
    lungs = str(config.get("lungs") or "full")
    return ModelSpec(
        name=checkpoint.parent.name,
        network=definition,
        classes=tuple(map(str, names)),
        image_size=size,
        in_channels=channels,
        trained={"run": checkpoint.parent.name, "labels": labels},
        task=CLASSIFICATION,
        input={} if lungs == "full" else {"lungs": lungs, "model": str(config.get("lung_model") or "")},
    )


def _classes(outputs: int, checkpoint: Path) -> tuple[str, ...]:
    """Return the classes for the number of the network's outputs."""
    if outputs not in CLASSES_OF:
        raise ConfigError(f"{checkpoint}: has {outputs} outputs, and nothing says which classes they are.")
    return CLASSES_OF[outputs]
