"""Loading of the model given by ``--model``: a shipped model, a model file, a run or a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.models import shipping
from cxrtk.models.ensemble import SEPARATOR, ensemble
from cxrtk.models.model_file import Model, ModelSpec, read_model, require_finite
from cxrtk.models.run_config import RunConfig
from cxrtk.models.run_spec import describe_run
from cxrtk.models.weights import load_weights
from cxrtk.process.device import check_device
from cxrtk.training import checkpoints, record
from cxrtk.training.checkpoints import BEST


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
            f"No model {name!r}: it is neither a .safetensors file, nor a run with a {BEST}, nor a shipped "
            f"model; shipped models: {', '.join(shipped) or 'none'}."
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
    """Split a name as in `find_model` into its models: several for an ensemble, else one."""
    if SEPARATOR in name and not Path(name).exists():
        return [each.strip() for each in name.split(SEPARATOR)]
    return [name]


def path_of(name: str) -> Path:
    """Return the path of one model: the file of a shipped model, else the given file or folder."""
    return shipping.shipped().get(name, Path(name)).resolve()


def _of_run(path: Path, device: str | torch.device) -> Model:
    spec, network = _stated(path)
    load_weights(network, checkpoints.load(path), path)
    require_finite(network.state_dict(), path)
    return Model(spec, network.eval().to(device), checkpoints.sha256(path))


def _stated(checkpoint: Path) -> tuple[ModelSpec, nn.Module]:
    """Describe the network by its run, and build it with random weights."""
    folder = checkpoint.parent
    try:
        config, about = RunConfig(folder), record.read(folder)
    except ConfigError as error:
        raise ConfigError(
            f"{checkpoint}: is not the checkpoint of a run, whose config.json and run.json would lie beside "
            f"it: {error}"
        ) from error
    return describe_run(config, str((about.get("settings") or {}).get("labels", "")))
