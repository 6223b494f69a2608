"""Initial weights of a training: shipped ones, or those of another run or file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes

from cxrtk.errors import CheckpointError, ConfigError
from cxrtk.models import shipping
from cxrtk.models.probe import OWN_TENSORS
from cxrtk.training import checkpoints

SHIPPED = "shipped"


@dataclass(frozen=True)
class Pretrained:
    """The weights selected by `--pretrained`.

    Attributes:
        name: Name as given by the user.
        file: Name of the file.
        sha256: SHA-256 of the file.
    """

    name: str
    file: str
    sha256: str

    def record(self) -> dict[str, str]:
        """Return the entry for the run's record, without the user's folders."""
        return asdict(self)


def read_pretrained(name: str, best: str) -> tuple[Pretrained, Path, Mapping[str, Any]]:
    """Find and read pretrained weights.

    Args:
        name: ``shipped``, for the default model; the name of a shipped model; a ``.safetensors`` file; a
            checkpoint; or a run's folder, for its best checkpoint.
        best: File name of the best checkpoint in a run's folder.

    Returns:
        The description, the path, and the state: a checkpoint, or a state dict in 32 bits.

    Raises:
        ConfigError: There is no such file.
        CheckpointError: The file is damaged, or is not the one shipped under this name.
    """
    shipped = shipping.shipped()
    known = shipping.DEFAULT if name == SHIPPED else name
    path = shipped.get(known, Path(name))
    path = path / best if path.is_dir() else path
    if not path.is_file():
        raise ConfigError(
            f"--pretrained {name}: no such file; use {SHIPPED}, or name a model file, a run's folder or a "
            "checkpoint."
        )
    digest = checkpoints.sha256(path)
    if known in shipped and digest != shipping.expected_sha256(path):
        raise CheckpointError(f"--pretrained {name}: {path} was damaged or replaced; reinstall cxrtk.")
    state = _tensors(path) if path.suffix == shipping.SUFFIX else checkpoints.load(path)
    return Pretrained(name, path.name, digest), path, state


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    """Read the weights of a safetensors file; 16-bit ones are converted to 32.

    A model file holds tensors of cxrtk's own beside the weights (`cxrtk.models.probe`), which are left out.
    """
    try:
        state = from_bytes(path.read_bytes())
    except SafetensorError as error:
        raise CheckpointError(f"{path} is damaged ({error}).") from error
    return {
        name: value.float() if value.is_floating_point() else value
        for name, value in state.items()
        if not name.startswith(OWN_TENSORS)
    }
