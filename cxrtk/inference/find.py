"""What ``--model`` names: a model file, a training run, or one of its checkpoints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cxrtk.errors import ConfigError
from cxrtk.inference.model import CLASSES_OF, Model, ModelSpec, build_network, read_model
from cxrtk.training import checkpoints
from cxrtk.training.keeper import load_weights

BEST = "best.pt"


def find_model(name: str, device: str | torch.device = "cpu") -> Model:
    """Load a model.

    Args:
        name: A ``.safetensors`` file as `save_model` writes it; a run's folder, for its best checkpoint; or a
            checkpoint in such a folder.
        device: Where its network goes.

    Raises:
        ConfigError: There is no such model.
        CheckpointError: Its file is damaged or does not fit.
    """
    path = Path(name)
    if path.suffix == ".safetensors":
        return read_model(path, device)
    if path.is_dir():
        path = path / BEST
    if not path.is_file():
        raise ConfigError(f"No model {name!r}: it is no .safetensors file, and no run with a {BEST}.")
    return _of_run(path, device)


def spec_of_run(checkpoint: Path) -> ModelSpec:
    """What the run says its network is; of its config, only plain values are read and nothing is evaluated.

    Raises:
        ConfigError: There is no config beside the checkpoint, or it computes what it should state.
    """
    folder = checkpoint.parent
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{checkpoint}: is not the checkpoint of a run, for which config.json and run.json would lie "
            f"beside it: {error}."
        ) from error
    network = {key: _plain(value, config, folder) for key, value in config["network_def"].items()}
    channels = int(_plain(config["in_channels"], config, folder))
    size = int(_plain(config["image_size"], config, folder))
    labels = str(record.get("settings", {}).get("labels", ""))
    return ModelSpec(
        name=folder.name,
        network=network,
        classes=_classes(network, channels, size, checkpoint),
        image_size=size,
        in_channels=channels,
        heart="included" if "heart included" in labels else "excluded",
        trained={"run": folder.name, "labels": labels},
    )


def _of_run(path: Path, device: str | torch.device) -> Model:
    spec = spec_of_run(path)
    network = build_network(spec.network)
    load_weights(network, checkpoints.load(path), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Model(spec, network.eval().to(device), digest)


def _plain(value: Any, config: Mapping[str, Any], folder: Path) -> Any:
    """A value, or what ``@name`` refers to; expressions are refused."""
    for _ in range(8):
        if not (isinstance(value, str) and value.startswith("@")):
            break
        value = config.get(value[1:])
    if value is None or (isinstance(value, str) and value.startswith(("$", "@", "%"))):
        raise ConfigError(
            f"{folder / 'config.json'}: the network cannot be built from plain values ({value!r}); export it "
            "as a model file in Python, by cxrtk.inference.model.save_model."
        )
    return value


def _classes(network: Mapping[str, Any], channels: int, size: int, checkpoint: Path) -> tuple[str, ...]:
    with torch.no_grad():
        outputs = build_network(network).eval()(torch.zeros(1, channels, size, size)).shape[1]
    if outputs not in CLASSES_OF:
        raise ConfigError(f"{checkpoint}: has {outputs} outputs, and nothing says which classes they are.")
    return CLASSES_OF[outputs]
