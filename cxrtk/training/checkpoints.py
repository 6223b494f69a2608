"""Checkpoint files: written atomically, with an embedded checksum that is verified before loading.

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

BEST, LAST = "best.pt", "last.pt"
EPOCH_FILE = re.compile(r"checkpoint_epoch=(\d+)\.pt")

logger = logging.getLogger(__name__)


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write `state` to `path` atomically and durably, with a checksum, for loading by `weights_only`.

    Args:
        state: Tensors, numbers, strings, and lists and mappings of them; NumPy's numbers become Python's.
        path: Path of the file to write or replace.

    Raises:
        TypeError: `state` contains another type.
        StorageError: The disk is full; an existing file at `path` is unchanged.
    """
    sealed.write(state, path, durable=True)


def load(path: Path, map_location: str | torch.device = "cpu") -> dict[str, Any]:
    """Verify a checkpoint's checksum, then load it; also accepts files written by MONAI or torch.

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
    """Return (epoch, file) of each ``checkpoint_epoch=N.pt``, newest first by epoch, not by file time."""
    found = [(EPOCH_FILE.fullmatch(path.name), path) for path in folder.iterdir()]
    return sorted(((int(match[1]), path) for match, path in found if match), reverse=True)


def newest(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest intact checkpoint of a run and its content; ``None`` where there is no checkpoint.

    Raises:
        CheckpointError: There are checkpoints, but none is intact.
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
    """Export a checkpoint's weights as safetensors, a format without code or training state.

    Args:
        checkpoint: Path of a file written by `save`, or by MONAI.
        output: Path of the ``.safetensors`` file.
        key: Key of the state dict in the checkpoint.

    Raises:
        CheckpointError: The checkpoint is damaged, or has no such key.
    """
    from safetensors.torch import save as to_bytes

    loaded = load(checkpoint)
    if not isinstance(loaded.get(key), Mapping):
        raise CheckpointError(f"{checkpoint}: has no {key!r}; available: {', '.join(map(str, loaded))}.")
    weights = {name: tensor.detach().contiguous().clone() for name, tensor in loaded[key].items()}
    with replacing(output, durable=True) as part:
        part.write_bytes(to_bytes(weights, metadata={"format": "pt"}))
