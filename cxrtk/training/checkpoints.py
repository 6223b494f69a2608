"""Checkpoint files: written whole, with their own checksum inside, and verified before they are loaded.

MONAI's `CheckpointLoader` reads them too; see `cxrtk.data.sealed`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cxrtk.data import sealed
from cxrtk.data.atomic import replacing
from cxrtk.data.digest import sha256 as sha256
from cxrtk.data.sealed import plain as plain
from cxrtk.errors import CheckpointError

EPOCH_FILE = re.compile(r"checkpoint_epoch=(\d+)\.pt")

logger = logging.getLogger(__name__)


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write `state` to `path`: whole, on the disk when this returns, with a checksum, for `weights_only`.

    Args:
        state: Tensors, numbers, strings, and lists and mappings of them; NumPy's numbers become Python's.
        path: The file to write or replace.

    Raises:
        TypeError: Something else is in `state`.
        StorageError: The disk is full; a file that stood at `path` is as it was.
    """
    sealed.write(state, path, durable=True)


def load(path: Path, map_location: str | torch.device = "cpu") -> dict[str, Any]:
    """Verify a checkpoint's checksum, then read it; also one that MONAI or torch wrote.

    Raises:
        CheckpointError: The file is missing, damaged or cannot be read.
    """
    try:
        return sealed.read(path, map_location)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such checkpoint.") from None
    except OSError as error:
        raise CheckpointError(f"checkpoint {path} cannot be read ({error.strerror}).") from error
    except sealed.DamagedError as error:
        raise CheckpointError(f"checkpoint {path} is damaged ({error}).") from error


def epoch_files(folder: Path) -> list[tuple[int, Path]]:
    """(epoch, file) of each ``checkpoint_epoch=N.pt``, the newest first by its epoch, never by its time."""
    found = [(EPOCH_FILE.fullmatch(path.name), path) for path in folder.iterdir()]
    return sorted(((int(match[1]), path) for match, path in found if match), reverse=True)


def newest(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The newest good checkpoint of a run and its content; ``None`` where none was ever written.

    Raises:
        CheckpointError: There are some, and none is good.
    """
    files = epoch_files(folder)
    for number, (_, path) in enumerate(files):
        try:
            return path, load(path)
        except CheckpointError as error:
            older = files[number + 1 :]
            logger.warning("%s %s", error, f"Going back to {older[0][1].name}." if older else "")
    if files:
        raise CheckpointError(f"{folder}: none of its {len(files)} checkpoints is good; start a new run.")
    return None


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest `keep` of the ``checkpoint_epoch=N.pt``."""
    for _, path in epoch_files(folder)[keep:]:
        path.unlink(missing_ok=True)


def export_weights(checkpoint: Path, output: Path, key: str = "model") -> None:
    """Write a checkpoint's weights as safetensors: a format that cannot hold code, nor any training state.

    Args:
        checkpoint: File written by `save`, or by MONAI.
        output: The ``.safetensors`` file.
        key: Where in the checkpoint the state dict stands.

    Raises:
        CheckpointError: The checkpoint is damaged, or has no such key.
    """
    from safetensors.torch import save as to_bytes

    loaded = load(checkpoint)
    if not isinstance(loaded.get(key), Mapping):
        raise CheckpointError(f"{checkpoint}: has no {key!r}; there are: {', '.join(map(str, loaded))}.")
    weights = {name: tensor.detach().contiguous().clone() for name, tensor in loaded[key].items()}
    with replacing(output, durable=True) as part:
        part.write_bytes(to_bytes(weights, metadata={"format": "pt"}))
